/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs that only read the store. */
#include <time.h>

#include "authority/processes.h"
#include "authority/template-fields.h"
#include "cli/ca.h"
#include "pki/certificate.h"

struct store *ca_store(struct ca_call *ca)
{
	return store_open(ca->call->arena, arena_printf(ca->call->arena, "%s/state/authority.db", ca->folder), true,
			  ca->call->diag);
}

enum status ca_store_failed(struct ca_call *ca, struct store *s)
{
	diag_error(ca->call->diag, NOWHERE, "the store: %s", store_error(s));
	return STATUS_MACHINE;
}

struct str ca_time(struct arena *a, int64_t t)
{
	struct tm tm;
	time_t seconds = t;
	gmtime_r(&seconds, &tm);
	return str_printf(a, "%04d-%02d-%02d %02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
			  tm.tm_min, tm.tm_sec);
}

/* One list, as text or as JSON; each row in an arena of its own. */
struct listing {
	struct ca_call *ca;
	struct store *store;
	const struct templates *templates;
	struct out *out;
	struct json json;
	bool as_json, failed;
	size_t n;
};

static struct str names_text(struct arena *a, const struct alternatives *names)
{
	struct str text = NO_STR;
	for (size_t i = 0; i < names->n; i++) {
		struct str one = alternative_text(a, &names->v[i]);
		text = str_printf(a, "%.*s%s%.*s", STR_ARG(text), i ? " " : "", STR_ARG(one));
	}
	return text;
}

static void put_names(struct json *j, struct arena *a, const struct subject_parts *subject,
		      const struct alternatives *names)
{
	json_put_str(j, "subject", subject_text(a, subject));
	json_key(j, "names");
	json_list(j);
	for (size_t i = 0; i < names->n; i++)
		json_str(j, alternative_text(a, &names->v[i]));
	json_end(j);
}

static void put_lines(struct json *j, const char *key, const struct strs_field *list)
{
	json_key(j, key);
	json_list(j);
	for (size_t i = 0; i < list->n; i++)
		json_str(j, list->v[i]);
	json_end(j);
}

static void begin(struct listing *l, const char *key)
{
	if (!l->as_json)
		return;
	l->json = json_to(l->out);
	json_object(&l->json);
	json_put_text(&l->json, "format", "portolan.ca/1");
	json_key(&l->json, key);
	json_list_lines(&l->json);
}

static void finish(struct listing *l, const char *nothing)
{
	if (l->as_json) {
		json_end(&l->json);
		json_end(&l->json);
		out_char(l->out, '\n');
	} else if (!l->n && nothing) {
		out_printf(l->out, "%s\n", nothing);
	}
}

/* Requests: what will be signed, which an operator has to see whole */

static void put_request_text(struct listing *l, struct arena *a, const struct request_row *r,
			     const struct ask_certificate *ask)
{
	const struct template *t = l->templates ? template_named(l->templates, r->template_name) : NULL;
	out_printf(l->out, "request %llu, %s, made %s\n", (unsigned long long)r->id, request_states[r->state],
		   cstr(a, ca_time(a, r->made)));
	out_printf(l->out, "  account   %.*s, from %.*s by %.*s, %s\n", STR_ARG(str_shown(a, r->account)),
		   STR_ARG(r->address), STR_ARG(r->protocol), r->via.n ? "with a certificate" : "with a password");
	out_printf(l->out, "  template  %.*s%s\n", STR_ARG(r->template_name),
		   t && !str_eq(t->hash, r->template_hash) ? ", which changed since" : "");
	out_printf(l->out, "  subject   %.*s\n", STR_ARG(str_shown(a, subject_text(a, &ask->subject))));
	if (ask->alternatives.n)
		out_printf(l->out, "  names     %.*s\n", STR_ARG(str_shown(a, names_text(a, &ask->alternatives))));
	if (t) {
		out_text(l->out, "  usages   ");
		for (size_t i = 0; i < t->n_eku_oids; i++)
			out_printf(l->out, "%s%.*s", i ? ", " : " ", STR_ARG(eku_word(t->eku_oids[i])));
		out_char(l->out, '\n');
	}
	if (r->state == REQUEST_PENDING)
		out_printf(l->out, "  hash      %.*s\n", STR_ARG(request_binding(a, r)));
	if (r->text.n)
		out_printf(l->out, "  why       %.*s\n", STR_ARG(str_shown(a, r->text)));
	if (r->decided_by.n)
		out_printf(l->out, "  decided   by %.*s, %s\n", STR_ARG(r->decided_by),
			   cstr(a, ca_time(a, r->decided)));
	if (r->serial.n)
		out_printf(l->out, "  serial    %.*s\n", STR_ARG(str_hex(a, r->serial)));
}

static void put_request_json(struct listing *l, struct arena *a, const struct request_row *r,
			     const struct ask_certificate *ask)
{
	struct json *j = &l->json;
	json_object(j);
	json_put_u64(j, "request", r->id);
	json_put_text(j, "state", request_states[r->state]);
	json_put_i64(j, "made", r->made);
	json_put_str(j, "account", r->account);
	json_put_str(j, "address", r->address);
	json_put_str(j, "protocol", r->protocol);
	json_put_text(j, "by", r->via.n ? "certificate" : "password");
	json_put_str(j, "template", r->template_name);
	put_names(j, a, &ask->subject, &ask->alternatives);
	json_put_str(j, "hash", request_binding(a, r));
	json_put_str(j, "csr", str_hex(a, r->csr));
	if (r->decided) {
		json_put_i64(j, "decided", r->decided);
		json_put_str(j, "decided-by", r->decided_by);
		json_put_str(j, "why", r->text);
	}
	if (r->serial.n)
		json_put_str(j, "serial", str_hex(a, r->serial));
	json_end(j);
}

static void put_request(void *ctx, const struct request_row *r)
{
	struct listing *l = ctx;
	struct arena *a = arena_new();
	struct ask_certificate ask;
	ask_unpacked(a, r->ask, &ask);
	(l->as_json ? put_request_json : put_request_text)(l, a, r, &ask);
	l->n++;
	arena_free(a);
}

/* Certificates */

static const char *state_of(const struct certificate_row *c)
{
	return c->revoked ? "revoked" : c->not_after <= authority_now() ? "expired" : "valid";
}

static void put_certificate(void *ctx, const struct certificate_row *c)
{
	struct listing *l = ctx;
	struct arena *a = arena_new();
	struct certificate read = { 0 };
	certificate_read(a, c->der, &read);
	l->n++;
	if (!l->as_json) {
		out_printf(l->out, "%.*s  %-7s  until %s  %.*s  %.*s  %.*s\n", STR_ARG(str_hex(a, c->serial)),
			   state_of(c), cstr(a, ca_time(a, c->not_after)), STR_ARG(c->template_name),
			   STR_ARG(str_shown(a, c->account)), STR_ARG(str_shown(a, subject_text(a, &read.subject))));
		arena_free(a);
		return;
	}
	struct json *j = &l->json;
	json_object(j);
	json_put_str(j, "serial", str_hex(a, c->serial));
	json_put_text(j, "state", state_of(c));
	json_put_str(j, "account", c->account);
	json_put_str(j, "template", c->template_name);
	put_names(j, a, &read.subject, &read.alternatives);
	json_put_i64(j, "not-before", c->not_before);
	json_put_i64(j, "not-after", c->not_after);
	json_put_str(j, "lineage", str_hex(a, c->lineage));
	json_put_str(j, "sha256", sha256_hex(a, c->der));
	if (c->revoked) {
		json_put_i64(j, "revoked", c->revoked);
		json_put_u64(j, "reason", c->reason);
	}
	json_end(j);
	arena_free(a);
}

static void put_pem(void *ctx, const struct certificate_row *c)
{
	struct listing *l = ctx;
	struct arena *a = arena_new();
	struct certificate read;
	if (!certificate_read(a, c->der, &read))
		out_str(l->out, certificate_pem(a, read.x509));
	l->n++;
	arena_free(a);
}

/* Accounts */

static void put_account(void *ctx, const struct account *account)
{
	struct listing *l = ctx;
	l->n++;
	if (!l->as_json) {
		out_printf(l->out, "%.*s%s", STR_ARG(account->name), account->locked ? ", locked" : "");
		for (size_t i = 0; i < account->groups.n; i++)
			out_printf(l->out, " @%.*s", STR_ARG(account->groups.v[i]));
		for (size_t i = 0; i < account->allowed.n; i++)
			out_printf(l->out, " %.*s", STR_ARG(account->allowed.v[i]));
		out_char(l->out, '\n');
		return;
	}
	struct json *j = &l->json;
	json_object(j);
	json_put_str(j, "account", account->name);
	json_put_bool(j, "locked", account->locked);
	json_put_str(j, "dns-name", account->dns_name);
	json_put_str(j, "sid", account->sid);
	json_put_str(j, "owner", account->owner);
	put_lines(j, "groups", &account->groups);
	put_lines(j, "allowed", &account->allowed);
	json_end(j);
}

/* Verbs */

enum listing_kind { LIST_PENDING, LIST_CERTIFICATES, LIST_ACCOUNTS, LIST_PEM };

static enum status list(struct ca_call *ca, enum listing_kind kind)
{
	static const char *const keys[] = { "requests", "certificates", "accounts", "" };
	static const char *const nothing[] = { "No request waits.", "There is no certificate.", "There is no account.",
					       NULL };
	struct arena *a = ca->call->arena;
	struct file f;
	struct listing l = { .ca = ca, .store = ca_store(ca) };
	if (!l.store)
		return STATUS_INPUT;
	l.as_json = kind != LIST_PEM && str_is(option_format(ca->call), "json");
	if (kind == LIST_PENDING)
		l.templates = templates_read(a, arena_printf(a, "%s/templates", ca->folder), ca->call->diag);
	if (!file_create(&f, a, option(ca->call, "output"), ca->call->diag))
		return STATUS_MACHINE;
	l.out = &f.out;
	begin(&l, keys[kind]);
	bool ok = kind == LIST_PENDING        ? store_requests(l.store, true, put_request, &l)
		  : kind == LIST_CERTIFICATES ? store_certificates(l.store, put_certificate, &l)
		  : kind == LIST_ACCOUNTS     ? store_accounts(l.store, put_account, &l)
					      : store_certificates(l.store, put_pem, &l);
	finish(&l, nothing[kind]);
	if (!ok) {
		file_abandon(&f);
		return ca_store_failed(ca, l.store);
	}
	return file_commit(&f, ca->call->diag) ? STATUS_WELL : STATUS_MACHINE;
}

enum status ca_pending(struct ca_call *ca)
{
	return list(ca, LIST_PENDING);
}

enum status ca_list(struct ca_call *ca)
{
	return list(ca, LIST_CERTIFICATES);
}

enum status ca_user_list(struct ca_call *ca)
{
	return list(ca, LIST_ACCOUNTS);
}

enum status ca_export(struct ca_call *ca)
{
	return list(ca, LIST_PEM);
}

struct search {
	struct listing *listing;
	struct str serial; /* as hexadecimal digits */
};

static void put_if_found(void *ctx, const struct certificate_row *c)
{
	struct search *s = ctx;
	struct arena *a = arena_new();
	if (str_ieq(str_hex(a, c->serial), s->serial))
		put_certificate(s->listing, c);
	arena_free(a);
}

/* A request by its number, or a certificate by its serial. */
enum status ca_show(struct ca_call *ca)
{
	struct arena *a = ca->call->arena;
	struct str what = str_of(ca->operands[0]);
	struct file f;
	struct request_row r;
	uint64_t id;
	struct listing l = { .ca = ca, .store = ca_store(ca), .as_json = str_is(option_format(ca->call), "json") };
	if (!l.store)
		return STATUS_INPUT;
	l.templates = templates_read(a, arena_printf(a, "%s/templates", ca->folder), ca->call->diag);
	if (!file_create(&f, a, option(ca->call, "output"), ca->call->diag))
		return STATUS_MACHINE;
	l.out = &f.out;
	bool is_request = str_to_u64(what, INT32_MAX, &id);
	begin(&l, is_request ? "requests" : "certificates");
	if (is_request && store_request(l.store, a, id, &r) == STORE_FOUND)
		put_request(&l, &r);
	struct search s = { &l, what };
	if (!is_request && !store_certificates(l.store, put_if_found, &s)) {
		file_abandon(&f);
		return ca_store_failed(ca, l.store);
	}
	finish(&l, NULL);
	if (!file_commit(&f, ca->call->diag))
		return STATUS_MACHINE;
	if (!l.n)
		diag_error(ca->call->diag, NOWHERE, "there is no request and no certificate \"%s\"", ca->operands[0]);
	return l.n ? STATUS_WELL : STATUS_INPUT;
}
