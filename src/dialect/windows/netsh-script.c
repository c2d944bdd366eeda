/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading scripts of "netsh advfirewall firewall add rule" (netsh advfirewall firewall, Microsoft's
 * command reference): lines of a batch file, of which only these commands are understood.
 *
 * A command that netsh refuses adds nothing and the next one runs; what it was meant to permit is then listed as
 * not understood, so that no verdict rests on it.
 */
#include "dialect/common/lines.h"
#include "dialect/windows/windows.h"

/* The next word: blanks separate, quotes hold them together.  False at the end, and where a quotation mark is not closed: then *rest is not empty. */
static bool next_argument(struct arena *a, struct str *rest, struct str *ret)
{
	*rest = str_trim(*rest);
	*ret = NO_STR;
	if (!rest->n)
		return false;
	char *copy = arena_alloc(a, rest->n + 1);
	size_t n = 0, i = 0;
	bool quoted = false;
	for (; i < rest->n && (quoted || (rest->p[i] != ' ' && rest->p[i] != '\t')); i++) {
		if (rest->p[i] == '"')
			quoted = !quoted;
		else
			copy[n++] = rest->p[i];
	}
	if (quoted)
		return false;
	*rest = str_skip(*rest, i);
	*ret = (struct str){ copy, n };
	return true;
}

/* The length of a variable, such as %SystemRoot%, that Windows sets itself and that program paths begin with; 0: it is another. */
static size_t folder_variable(struct str s)
{
	static const char *const names[] = { "%SystemRoot%", "%windir%", "%SystemDrive%", "%ProgramFiles%",
					     "%ProgramFiles(x86)%" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_istarts(s, names[i]))
			return strlen(names[i]);
	return 0;
}

/* What the command interpreter changes before netsh sees it: variables, several commands, escapes. */
static const char *interpreted(struct str line)
{
	bool quoted = false;
	for (size_t i = 0; i < line.n; i++) {
		size_t known = folder_variable(str_skip(line, i));
		if (known) {
			i += known - 1;
			continue;
		}
		quoted ^= line.p[i] == '"';
		if (line.p[i] == '%' || line.p[i] == '!')
			return "it has a variable, whose value is known only when the script runs";
		if (!quoted && (line.p[i] == '&' || line.p[i] == '|' || line.p[i] == '<' || line.p[i] == '>'))
			return "it is more than one command, or redirects one";
		if (!quoted && line.p[i] == '^')
			return "it has a character that is escaped";
	}
	return NULL;
}

/* "icmpv4:8,any" as the protocol and a type with its code. */
static void add_protocol(struct windows *w, struct windows_rule *r, struct str value)
{
	size_t colon = str_find(value, ':');
	windows_field_add(w, r, WF_PROTOCOL, str_first(value, colon));
	if (colon == SIZE_MAX)
		return;
	struct str rest = str_skip(value, colon + 1), type;
	str_cut(&rest, ',', &type);
	if (!str_iis(type, "any") || !str_iis(rest, "any"))
		windows_field_add(
			w, r, WF_ICMP,
			str_printf(w->arena, "%.*s:%.*s", STR_ARG(type), STR_ARG(rest.n ? rest : STR("any"))));
}

/* The names of its arguments; -1: netsh knows none of this name. */
static int field_of(struct str name)
{
	static const struct {
		const char *name;
		enum windows_field field;
	} rows[] = {
		{ "name", WF_DISPLAY },          { "dir", WF_DIRECTION },
		{ "action", WF_ACTION },         { "program", WF_PROGRAM },
		{ "service", WF_SERVICE },       { "description", WF_DESCRIPTION },
		{ "enable", WF_ENABLED },        { "profile", WF_PROFILE },
		{ "localip", WF_LOCAL_ADDRESS }, { "remoteip", WF_REMOTE_ADDRESS },
		{ "localport", WF_LOCAL_PORT },  { "remoteport", WF_REMOTE_PORT },
		{ "protocol", WF_PROTOCOL },     { "interfacetype", WF_INTERFACE },
		{ "rmtcomputergrp", WF_USER },   { "rmtusrgrp", WF_USER },
		{ "edge", WF_IGNORED },          { "security", WF_SECURITY },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (str_iis(name, rows[i].name))
			return (int)rows[i].field;
	return -1;
}

static bool unknown(struct windows *w, struct loc at, struct str line, const char *why, struct str word)
{
	if (word.n)
		ruleset_unknown(w->rules, at, line, "%s \"%.*s\"", why, STR_ARG(str_first(word, 64)));
	else
		ruleset_unknown(w->rules, at, line, "%s", why);
	return false;
}

/* One name=value; blanks may stand around the equals sign no more than netsh allows, which is not at all. */
static bool add_argument(struct windows *w, struct windows_rule *r, struct str word, struct loc at, struct str line)
{
	size_t equal = str_find(word, '=');
	int f = field_of(str_first(word, equal));
	struct str value = str_skip(word, equal == SIZE_MAX ? word.n : equal + 1);
	if (equal == SIZE_MAX)
		return unknown(w, at, line, "netsh refuses an argument without \"=\":", word);
	if (f < 0)
		return unknown(w, at, line, "netsh has no argument", str_first(word, equal));
	if (!value.n)
		return unknown(w, at, line, "netsh refuses an argument without a value:", word);
	if (r->seen >> f & 1 && f != WF_IGNORED && f != WF_USER)
		return unknown(w, at, line, "netsh refuses an argument that is given twice:", str_first(word, equal));
	if (f == WF_PROTOCOL)
		add_protocol(w, r, value);
	else if (f != WF_IGNORED)
		windows_field_add(w, r, (enum windows_field)f, value);
	r->seen |= 1u << f;
	return true;
}

static bool has_port(const struct windows_rule *r)
{
	return r->seen & (1u << WF_LOCAL_PORT | 1u << WF_REMOTE_PORT);
}

static void add_rule(struct windows *w, struct str rest, struct loc at, struct str line)
{
	struct windows_rule r = { .at = at, .text = line };
	struct str word;
	while (next_argument(w->arena, &rest, &word))
		if (!add_argument(w, &r, word, at, line))
			return;
	if (rest.n)
		unknown(w, at, line, "a quotation mark is not closed", NO_STR);
	else if (!r.fields[WF_DISPLAY].n || !r.fields[WF_DIRECTION].n || !r.fields[WF_ACTION].n)
		unknown(w, at, line, "netsh refuses a rule without name=, dir= and action=", NO_STR);
	else if (has_port(&r) && !str_iis_one_of(r.fields[WF_PROTOCOL], "tcp udp 6 17"))
		unknown(w, at, line, "netsh refuses ports without protocol=tcp or protocol=udp", NO_STR);
	else
		windows_rule_take(w, &r);
}

/* "set allprofiles state on", "set domainprofile firewallpolicy blockinbound,allowoutbound" */
static void set_profile(struct windows *w, struct str profile, struct str rest, struct loc at, struct str line)
{
	struct str what, value, in;
	int of = windows_profile_find(str_iis(profile, "currentprofile") ? STR("") : profile);
	bool all = str_iis(profile, "allprofiles");
	if ((of < 0 && !all) || !next_argument(w->arena, &rest, &what) || !next_argument(w->arena, &rest, &value)) {
		unknown(w, at, line, "the meaning of this command is unknown", NO_STR);
		return;
	}
	for (int i = 0; i < N_PROFILES; i++) {
		struct str list = value;
		if (!all && i != of)
			continue;
		if (str_iis(what, "state")) {
			windows_setting(&w->settings[i], STR("EnableFirewall"), value, at);
		} else if (str_iis(what, "firewallpolicy")) {
			str_cut(&list, ',', &in);
			bool always = str_iis(in, "blockinboundalways");
			windows_setting(&w->settings[i], STR("DoNotAllowExceptions"), always ? STR("1") : STR("0"), at);
			windows_setting(&w->settings[i], STR("DefaultInboundAction"), always ? STR("1") : in, at);
			windows_setting(&w->settings[i], STR("DefaultOutboundAction"), list, at);
		} else if (!str_iis(what, "logging")) {
			unknown(w, at, line, "the meaning of this setting is unknown:", what);
			return;
		}
	}
}

static void run_netsh(struct windows *w, struct str rest, struct loc at, struct str line)
{
	struct str word, verb, object;
	const char *why = interpreted(line);
	if (why) {
		unknown(w, at, line, why, NO_STR);
		return;
	}
	next_argument(w->arena, &rest, &word);
	if (!str_iis(word, "advfirewall"))
		return; /* another part of netsh, which filters nothing */
	next_argument(w->arena, &rest, &verb);
	bool firewall = str_iis(verb, "firewall");
	if (firewall)
		next_argument(w->arena, &rest, &verb);
	next_argument(w->arena, &rest, &object);
	if (firewall && str_iis(verb, "add") && str_iis(object, "rule"))
		add_rule(w, rest, at, line);
	else if (!firewall && str_iis(verb, "set"))
		set_profile(w, object, rest, at, line);
	else if (firewall && str_iis(verb, "delete") && str_iis(object, "rule") && !w->n_rules &&
		 str_iis(str_trim(rest), "name=all"))
		return; /* removes the rules before those that follow */
	else if (!str_iis_one_of(verb, "show export dump"))
		unknown(w, at, line, "the meaning of this command is unknown", NO_STR);
}

/* Commands of a batch file that change nothing here. */
static bool is_harmless(struct str word)
{
	return str_iis_one_of(word, "rem echo echo. @echo pause cls title setlocal endlocal color timeout @rem exit");
}

/* A list that netsh printed may begin with the command that made it. */
bool windows_is_netsh_script(struct str text)
{
	return str_contains_ci(text, STR("netsh advfirewall")) && str_find_text(text, STR("Rule Name:")) == SIZE_MAX;
}

bool windows_read_netsh_script(struct windows *w)
{
	struct lines l = lines_of(w->source);
	struct str line;
	while (lines_next(&l, &line)) {
		struct str rest = str_trim(line), word;
		if (str_starts(rest, "@"))
			rest = str_skip(rest, 1);
		if (!rest.n || str_starts(rest, "::") || !next_argument(w->arena, &rest, &word) || is_harmless(word))
			continue;
		if (str_iis_one_of(word, "netsh netsh.exe"))
			run_netsh(w, rest, lines_at(&l), str_trim(line));
		else
			unknown(w, lines_at(&l), str_trim(line),
				"it is not a command of netsh, and may run or skip others:", word);
	}
	w->whole_store = true;
	return true;
}
