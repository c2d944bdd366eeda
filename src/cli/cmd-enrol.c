/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan enrol: a certificate from a CEP and CES service, its renewal, and what stands in the way.
 */
#include <errno.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/enrol-daemon.h"
#include "cli/enrol-report.h"
#include "cli/password.h"
#include "enrol/enrol.h"
#include "enrol/rehearse.h"
#include "pki/hresult.h"

enum { NAMES_MAX = 64, WAIT_FIRST = 5, WAIT_LONGEST = 300 };

/* The subject: "CN=web1", or a name alone, which is its CN. */
static bool take_subject(struct invocation *call, const char *text, struct subject_parts *ret)
{
	static const struct {
		const char *word, *oid;
	} types[] = { { "CN", "2.5.4.3" },
		      { "OU", "2.5.4.11" },
		      { "O", "2.5.4.10" },
		      { "L", "2.5.4.7" },
		      { "ST", "2.5.4.8" },
		      { "C", "2.5.4.6" },
		      { "DC", "0.9.2342.19200300.100.1.25" } };
	struct str rest = str_of(text), part, word;
	*ret = (struct subject_parts){ ARENA_ARRAY(call->arena, struct subject_part, SUBJECT_PARTS_MAX), 0 };
	if (str_find(rest, '=') == SIZE_MAX) {
		ret->v[ret->n++] = (struct subject_part){ STR("2.5.4.3"), rest };
		return true;
	}
	while (str_cut(&rest, ',', &part)) {
		size_t type = 0;
		part = str_trim(part);
		if (str_find(part, '=') == SIZE_MAX || ret->n == SUBJECT_PARTS_MAX)
			return diag_error(call->diag, NOWHERE, "--subject \"%s\" is not like CN=web1,O=Contoso", text);
		str_cut(&part, '=', &word);
		while (type < ARRAY_LEN(types) && !str_iis(word, types[type].word))
			type++;
		if (type == ARRAY_LEN(types))
			return diag_error(call->diag, NOWHERE,
					  "--subject: \"%.*s\" is not one of CN, OU, O, L, ST, C, DC", STR_ARG(word));
		ret->v[ret->n++] = (struct subject_part){ str_of(types[type].oid), part };
	}
	return true;
}

static bool take_names(struct invocation *call, struct enrol_wish *wish)
{
	size_t n;
	const char *const *dns = option_all(call, "dns", &n);
	if (n > NAMES_MAX)
		return diag_error(call->diag, NOWHERE, "--dns is given more than %d times", NAMES_MAX);
	wish->alternatives = (struct alternatives){ ARENA_ARRAY(call->arena, struct alternative, n), n };
	for (size_t i = 0; i < n; i++) {
		if (!dns_name_ok(str_of(dns[i]), true))
			return diag_error(call->diag, NOWHERE, "--dns \"%s\" is not a DNS name", dns[i]);
		wish->alternatives.v[i] = (struct alternative){ ALTERNATIVE_DNS, str_of(dns[i]) };
	}
	const char *subject = option(call, "subject");
	if (!subject && n == 0)
		return true; /* a template may take the names from the account */
	return take_subject(call, subject ? subject : dns[0], &wish->subject);
}

static bool take_key(struct invocation *call, struct enrol_wish *wish)
{
	const char *key = option(call, "key");
	wish->key = -1;
	for (int i = 0; key && i < N_ENROL_KEYS; i++)
		if (strcmp(key, enrol_key_words[i]) == 0)
			wish->key = i;
	return true;
}

static bool is_https(struct invocation *call, const char *url)
{
	if (str_istarts(str_of(url), "https://"))
		return true;
	return diag_error(call->diag, NOWHERE, "\"%s\" is not an address that begins with https://", url);
}

/* The password of a user whose request is made or waits. */
static bool take_password(struct invocation *call, struct enrol_call *enrol, struct str user)
{
	enrol->username = user;
	return option_password(call, arena_printf(call->arena, "Password of %.*s", STR_ARG(user)), false,
			       &enrol->password);
}

/* Polls until there is a decision, or the time is over. */
static enum enrol_end wait_for(struct invocation *call, struct enrol_call *enrol, enum enrol_end end)
{
	uint32_t seconds = UINT32_MAX;
	const char *text = option(call, "wait-for");
	time_t start = time(NULL);
	if (text)
		str_to_u32(str_of(text), UINT32_MAX, &seconds);
	for (unsigned pause = WAIT_FIRST;
	     (end == ENROL_END_PENDING || end == ENROL_END_NETWORK) && time(NULL) - start < (time_t)seconds;
	     pause = MIN(pause * 2, (unsigned)WAIT_LONGEST)) {
		sleep((unsigned)MIN((time_t)pause, (time_t)seconds - (time(NULL) - start)));
		end = enrol_poll(enrol);
	}
	return end;
}

static enum status report(struct invocation *call, struct enrol_call *enrol, enum enrol_end end)
{
	static const enum status statuses[] = {
		[ENROL_END_ISSUED] = STATUS_WELL,     [ENROL_END_PENDING] = STATUS_NO,  [ENROL_END_DENIED] = STATUS_NO,
		[ENROL_END_NETWORK] = STATUS_MACHINE, [ENROL_END_INPUT] = STATUS_INPUT,
	};
	struct enrol_report r = { .call = enrol, .end = end };
	if (end == ENROL_END_NETWORK)
		diag_machine(call->diag, 0, "%.*s", STR_ARG(str_shown(call->arena, enrol->message)));
	else if (end != ENROL_END_INPUT && !invocation_write(call, enrol_report_text, enrol_report_json, &r))
		return STATUS_MACHINE;
	/* An address that nobody answered is the machine's or the network's, not the input's. */
	return statuses[end];
}

/* A request that waits has a key, which another one would take the place of. */
static bool still_waits(struct invocation *call, struct enrol_call *enrol)
{
	if (!enrol->state.request_id || option_given(call, "force"))
		return false;
	diag_error(call->diag, NOWHERE, "request %llu of \"%s\" still waits for a decision",
		   (unsigned long long)enrol->state.request_id, enrol->folder.name);
	diag_note(call->diag, NOWHERE, "\"portolan enrol status\" asks for it; --force forgets it and asks anew");
	return true;
}

static enum status run_new(struct invocation *call, struct enrol_call *enrol)
{
	struct enrol_wish wish = { .policy_url = str_of(call->operands[0]) };
	const char *template = option(call, "template"), *user = option(call, "user");
	if (!template)
		diag_error(call->diag, NOWHERE, "which template? Add --template NAME");
	if (!user)
		diag_error(call->diag, NOWHERE, "who asks? Add --user NAME");
	if (!is_https(call, call->operands[0]) || !template || !user || !take_names(call, &wish) ||
	    !take_key(call, &wish))
		return STATUS_INPUT;
	if (still_waits(call, enrol))
		return STATUS_INPUT;
	wish.template_name = str_of(template);
	enrol->state.trusted = option_given(call, "ca") ? str_of(option(call, "ca")) : STR("");
	if (!take_password(call, enrol, str_of(user)))
		return STATUS_INPUT;
	enum enrol_end end = enrol_new(enrol, &wish);
	if (option_given(call, "wait") || option_given(call, "wait-for"))
		end = end == ENROL_END_PENDING ? wait_for(call, enrol, end) : end;
	return report(call, enrol, end);
}

static bool needs_pair(struct invocation *call, struct enrol_call *enrol)
{
	if (enrol_has_pair(call->arena, &enrol->folder))
		return true;
	diag_error(call->diag, NOWHERE, "there is no certificate \"%s\" in \"%s\"", enrol->folder.name,
		   enrol->folder.folder);
	return diag_errors(call->diag) == 0;
}

static enum status run_renew(struct invocation *call, struct enrol_call *enrol)
{
	if (!needs_pair(call, enrol) || still_waits(call, enrol))
		return STATUS_INPUT;
	enum enrol_end end = enrol_renew(enrol, !option_given(call, "same-key"));
	return report(call, enrol, end);
}

/* Asks for a request that waits; without one, says what is in use. */
static enum status run_status(struct invocation *call, struct enrol_call *enrol)
{
	enum enrol_end end = ENROL_END_ISSUED;
	if (!enrol->state.request_id)
		return needs_pair(call, enrol) ? report(call, enrol, end) : STATUS_INPUT;
	if (enrol->state.username.n > 0 && !take_password(call, enrol, enrol->state.username))
		return STATUS_INPUT;
	end = enrol_poll(enrol);
	if (option_given(call, "wait") || option_given(call, "wait-for"))
		end = end == ENROL_END_PENDING ? wait_for(call, enrol, end) : end;
	return report(call, enrol, end);
}

static enum status run_daemon(struct invocation *call, struct enrol_call *enrol)
{
	return needs_pair(call, enrol) ? enrol_daemon(call, enrol) : STATUS_INPUT;
}

static enum status run_rehearse(struct invocation *call, struct enrol_call *enrol)
{
	const char *url = call->n_operands > 1 ? call->operands[1] : NULL, *user = option(call, "user"),
		   *template = option(call, "template");
	if (!url || !user || !template) {
		diag_error(call->diag, NOWHERE, "rehearse needs an address, --user NAME and --template NAME");
		return STATUS_INPUT;
	}
	if (!is_https(call, url) || !take_password(call, enrol, str_of(user)))
		return STATUS_INPUT;
	enrol->state.trusted = option_given(call, "ca") ? str_of(option(call, "ca")) : STR("");
	struct rehearsal r = { .url = str_of(url), .template_name = str_of(template) };
	enrol_rehearse(enrol, &r);
	if (!invocation_write(call, rehearsal_text, rehearsal_json, &r))
		return STATUS_MACHINE;
	return r.failed ? STATUS_NO : STATUS_WELL;
}

static const struct verb {
	const char *word;
	enum status (*run)(struct invocation *call, struct enrol_call *enrol);
} verbs[] = {
	{ "renew", run_renew },
	{ "status", run_status },
	{ "daemon", run_daemon },
	{ "rehearse", run_rehearse },
};

static enum status run(struct invocation *call)
{
	struct enrol_call enrol = { .arena = call->arena, .diag = call->diag };
	const char *folder = option(call, "dir"), *name = option(call, "name");
	const struct verb *verb = NULL;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(call->operands[0], verbs[i].word) == 0)
			verb = &verbs[i];
	enrol.folder = (struct enrol_folder){ folder ? folder : ".", name ? name : "machine" };
	if (!str_is_name(str_of(enrol.folder.name))) {
		diag_error(call->diag, NOWHERE, "--name \"%s\" is not a name of letters, digits, . _ -", name);
		return STATUS_INPUT;
	}
	if (!state_read(call->arena, &enrol.folder, &enrol.state, call->diag))
		return STATUS_INPUT;
	enrol.web = web_open(call->arena, call->diag);
	if (!enrol.web)
		return STATUS_MACHINE;
	if (verb)
		return verb->run(call, &enrol);
	if (call->n_operands > 1) {
		diag_error(call->diag, NOWHERE, "\"%s\" is not one of: renew, status, daemon, rehearse",
			   call->operands[0]);
		return STATUS_INPUT;
	}
	return run_new(call, &enrol);
}

static const struct option_row options[] = {
	{ "template", 't', "NAME", NULL, "the certificate template" },
	{ "user", 'u', "NAME", NULL, "the account that asks" },
	OPTIONS_PASSWORD,
	{ "dns", 0, "NAME...", NULL, "a DNS name of the certificate" },
	{ "subject", 0, "SUBJECT", NULL, "its subject, such as CN=web1,O=Contoso; default: the first DNS name" },
	{ "key", 'k', "KIND", "rsa-2048 rsa-3072 rsa-4096 p-256 p-384 p-521",
	  "the key; default: as the template says" },
	{ "ca", 0, "FILE", NULL, "trust the server by the certificates in FILE, not the system's" },
	{ "dir", 'd', "DIR", NULL, "where keys and certificates are kept (the current folder)" },
	{ "name", 'n', "NAME", NULL, "the name of the pair in it (machine)" },
	{ "wait", 'w', NULL, NULL, "wait until the request is decided" },
	{ "wait-for", 0, "SECONDS", NULL, "wait, but no longer" },
	{ "same-key", 0, NULL, NULL, "renew: keep the key" },
	{ "force", 0, NULL, NULL, "forget a request that waits, and ask anew" },
	{ "hook", 0, "COMMAND", NULL, "daemon: run this after a renewal" },
	{ "once", 0, NULL, NULL, "daemon: renew if it is time, and end; for a timer" },
	OPTION_FORMAT("text json"),
	OPTION_OUTPUT,
	OPTIONS_END,
};

const struct command command_enrol = {
	.name = "enrol",
	.summary = "get a certificate from an enrolment service, and renew it by itself",
	.arguments = "https://HOST:PORT/.../CEP, or renew, status, daemon, rehearse URL",
	.about = "Reads the enrolment policy, makes a key, asks for a certificate with user name and password, and "
		 "waits if a "
		 "manager has to approve it. Later the certificate renews itself: the old one is the identity. Every "
		 "address "
		 "of the policy is tried in the order of its priority. rehearse does everything but keep the "
		 "certificate, "
		 "and says at the first failure what to open.",
	.options = options,
	.least = 1,
	.most = 2,
	.run = run,
};
