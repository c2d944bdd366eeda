/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading Windows Firewall: detects the form, and makes one chain of its rules:
 * authenticated bypass, blocks, permits, and the profile's default.
 */
#include "dialect/common/lines.h"
#include "dialect/windows/windows.h"

/* netsh advfirewall firewall show rule name=all verbose */

struct netsh {
	struct windows *w;
	struct windows_rule r;
	bool open;
	enum windows_field last;
	int profile;    /* of "Domain Profile Settings:" */
	size_t foreign; /* lines of netsh output in another language */
};

static void netsh_end_rule(struct netsh *netsh)
{
	if (netsh->open) {
		if (!(netsh->r.seen & 1u << WF_STORE) && !netsh->w->incomplete_told) {
			netsh->w->incomplete_told = true;
			ruleset_unknown(netsh->w->rules, netsh->r.at, netsh->r.text,
					"the list does not state where rules come from; run netsh with \"verbose\"");
		}
		windows_rule_take(netsh->w, &netsh->r);
	}
	netsh->open = false;
}

/* "Type    Code", "8       Any" */
static void netsh_continue(struct netsh *netsh, struct str line)
{
	struct str rest = line, one, two = NO_STR;
	if (!netsh->open || !str_word(&rest, &one))
		return;
	bool pair = str_word(&rest, &two);
	if (netsh->last == WF_PROTOCOL || netsh->last == WF_ICMP) {
		if (str_is(one, "Type"))
			return;
		struct str icmp =
			str_printf(netsh->w->arena, "%.*s:%.*s", STR_ARG(one), STR_ARG(pair ? two : STR("*")));
		windows_field_add(netsh->w, &netsh->r, WF_ICMP, icmp);
		netsh->last = WF_ICMP;
		return;
	}
	windows_field_add(netsh->w, &netsh->r, netsh->last, line);
}

static void netsh_profile_setting(struct netsh *netsh, struct str line, struct loc at)
{
	struct windows *w = netsh->w;
	struct str value = NO_STR, rest, in;
	enum windows_profile p = (enum windows_profile)netsh->profile;
	if (str_istarts(line, "State")) {
		windows_setting(&w->settings[p], STR("EnableFirewall"), str_trim(str_skip(line, 5)), at);
	} else if (str_istarts(line, "Firewall Policy")) {
		rest = str_trim(str_skip(line, strlen("Firewall Policy")));
		str_cut(&rest, ',', &in);
		value = str_trim(rest);
		windows_setting(&w->settings[p], STR("DoNotAllowExceptions"),
				str_iis(in, "BlockInboundAlways") ? STR("1") : STR("0"), at);
		windows_setting(&w->settings[p], STR("DefaultInboundAction"),
				str_iis(in, "BlockInboundAlways") ? STR("1") : in, at);
		windows_setting(&w->settings[p], STR("DefaultOutboundAction"), value, at);
	}
}

static void netsh_line(struct netsh *netsh, struct str line, struct loc at)
{
	struct windows *w = netsh->w;
	size_t colon = str_find(line, ':');
	struct str label = str_trim(str_first(line, MIN(colon, line.n)));
	if (str_ends(label, "Profile Settings")) {
		netsh_end_rule(netsh);
		netsh->profile = windows_profile_find(label);
		return;
	}
	if (netsh->profile >= 0 && !netsh->open && !str_is(label, "Rule Name")) {
		netsh_profile_setting(netsh, str_trim(line), at);
		return;
	}
	if (line_indent(line) > 20) {
		netsh_continue(netsh, str_trim(line));
		return;
	}
	if (colon == SIZE_MAX)
		return;
	struct str value = str_trim(str_skip(line, colon + 1)), plain = label;
	if (str_is(label, "Rule Name")) {
		netsh_end_rule(netsh);
		netsh->r = (struct windows_rule){ .at = at, .text = line };
		netsh->open = true;
		netsh->r.fields[WF_DISPLAY] = value;
		netsh->last = WF_DISPLAY;
		return;
	}
	if (!netsh->open) {
		netsh->foreign++;
		return;
	}
	/* "Edge traversal", "Rule source": fields are compared by letters alone */
	char *copy = arena_alloc(w->arena, label.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < label.n; i++)
		if (label.p[i] != ' ')
			copy[n++] = label.p[i];
	plain = (struct str){ copy, n };
	int f = windows_field_find(plain);
	if (f < 0) {
		ruleset_unknown(w->rules, at, line, "the meaning of \"%.*s\" is unknown",
				STR_ARG(str_first(label, 64)));
		return;
	}
	netsh->last = (enum windows_field)f;
	windows_field_add(w, &netsh->r, netsh->last, value);
}

static bool read_netsh(struct windows *w)
{
	struct lines l = lines_of(w->source);
	struct netsh netsh = { .w = w, .profile = -1 };
	struct str line, last = NO_STR;
	bool ended = false;
	while (lines_next(&l, &line)) {
		struct str bare = str_trim(line);
		if (!bare.n || str_starts(bare, "-----"))
			continue;
		last = bare;
		if (str_is(bare, "Ok.")) {
			netsh_end_rule(&netsh);
			ended = true;
			netsh.profile = -1;
			continue;
		}
		netsh_line(&netsh, line, lines_at(&l));
	}
	netsh_end_rule(&netsh);
	w->whole_store = true;
	if (!w->n_rules && netsh.foreign > 3) {
		diag_error(w->diag, loc_line(w->source, 1), "this is netsh output in a language other than English");
		diag_note(w->diag, NOWHERE,
			  "export it with PowerShell: Get-NetFirewallRule -PolicyStore ActiveStore, as JSON");
		return false;
	}
	if (w->n_rules && !ended)
		ruleset_unknown(w->rules, lines_at(&l), last, "the list does not end with \"Ok.\"; it is incomplete");
	return true;
}

/* Scripts of New-NetFirewallRule */

struct script {
	struct windows *w;
	struct lines lines;
	struct strmap variables;
	struct strmap named; /* struct windows_named by -Name, in lower case */
	unsigned depth;      /* nesting depth of braces */
	bool skipping;       /* the part of a script that undoes its changes */
	unsigned skip_depth;
};

/* A word of a command: quotes are removed, commas join a list. */
static bool next_word(struct arena *a, struct str *rest, struct str *ret, bool *quoted)
{
	*rest = str_trim(*rest);
	*quoted = false;
	if (!rest->n)
		return false;
	char *copy = arena_alloc(a, rest->n + 1);
	size_t n = 0, i = 0;
	while (i < rest->n) {
		char c = rest->p[i];
		if (c == '\'' || c == '"') {
			*quoted |= n == 0; /* not for a list that begins with @( */
			for (i++; i < rest->n; i++) {
				if (rest->p[i] == c && i + 1 < rest->n && rest->p[i + 1] == c)
					i++;
				else if (rest->p[i] == c)
					break;
				/* a comma inside a text does not separate a list */
				copy[n++] = rest->p[i];
			}
			i++;
		} else if (c == ' ' || c == '\t') {
			size_t j = i;
			while (j < rest->n && (rest->p[j] == ' ' || rest->p[j] == '\t'))
				j++;
			bool comma_before = n && copy[n - 1] == ',', comma_behind = j < rest->n && rest->p[j] == ',';
			if (!comma_before && !comma_behind)
				break;
			i = j;
		} else if (c == '|' || c == ';') {
			if (!n)
				copy[n++] = c, i++;
			break;
		} else if (c == '`' && i + 1 < rest->n) {
			copy[n++] = rest->p[i + 1];
			i += 2;
		} else {
			copy[n++] = c;
			i++;
		}
	}
	*ret = (struct str){ copy, n };
	*rest = str_skip(*rest, i);
	return true;
}

/* Expands "@(1,2)" and "$name". */
static bool resolve(struct script *script, struct str *value)
{
	struct str text = *value;
	if (str_starts(text, "@(") && str_ends(text, ")"))
		*value = text = (struct str){ text.p + 2, text.n - 3 };
	if (!text.n || text.p[0] != '$')
		return str_find(text, '$') == SIZE_MAX && str_find(text, '(') == SIZE_MAX;
	if (str_iis(text, "$true") || str_iis(text, "$false")) {
		*value = str_skip(text, 1);
		return true;
	}
	const struct str *known = strmap_get(&script->variables, str_lower(script->w->arena, text));
	if (known)
		*value = *known;
	return known != NULL;
}

static void script_rest(struct script *script, struct str rest, struct loc at, struct str text);

static void script_rule(struct script *script, struct str rest, struct loc at, struct str text)
{
	struct windows *w = script->w;
	struct windows_rule r = { .at = at, .text = text };
	struct windows_named made = windows_begin_named(w);
	struct str word, value, name = NO_STR;
	bool quoted, value_quoted;
	r.fields[WF_STORE] = STR("Group");
	r.fields[WF_DIRECTION] = STR("Inbound"); /* the defaults of New-NetFirewallRule */
	r.fields[WF_ACTION] = STR("Allow");
	for (;;) {
		struct str before = rest;
		if (!next_word(w->arena, &rest, &word, &quoted) ||
		    (!quoted && (str_is(word, "|") || str_is(word, ";")))) {
			rest = before;
			break;
		}
		if (quoted || word.n < 2 || word.p[0] != '-') {
			ruleset_unknown(w->rules, at, text, "\"%.*s\" belongs to no parameter",
					STR_ARG(str_first(word, 64)));
			return;
		}
		int f = windows_field_find(str_skip(word, 1));
		if (!next_word(w->arena, &rest, &value, &value_quoted)) {
			value = NO_STR;
		} else if (f != WF_IGNORED && f != WF_DESCRIPTION && f != WF_DISPLAY && f != WF_NAME && !value_quoted &&
			   !resolve(script, &value)) {
			ruleset_unknown(w->rules, at, text, "the value of \"%.*s\" is known only when the script runs",
					STR_ARG(str_first(value, 64)));
			return;
		}
		if (f < 0) {
			ruleset_unknown(w->rules, at, text, "the meaning of \"%.*s\" is unknown",
					STR_ARG(str_first(word, 64)));
			return;
		}
		if (f == WF_ACTION || f == WF_DIRECTION)
			r.fields[f] = NO_STR;
		name = str_iis(word, "-Name") && value_quoted ? value : name;
		windows_field_add(w, &r, (enum windows_field)f, value);
	}
	windows_rule_take(w, &r);
	if (name.n)
		windows_end_named(w, &script->named, name, &made);
	script_rest(script, rest, at, text);
}

static const struct {
	const char *command;
	enum windows_switch what;
} switches[] = { { "Disable-NetFirewallRule", SWITCH_DISABLE },
		 { "Enable-NetFirewallRule", SWITCH_ENABLE },
		 { "Remove-NetFirewallRule", SWITCH_REMOVE } };

/* "Disable-NetFirewallRule -Name 'X'"; false: it is something else. */
static bool script_switch(struct script *script, struct str s, struct loc at)
{
	struct windows *w = script->w;
	for (size_t i = 0; i < ARRAY_LEN(switches); i++) {
		struct str rest = str_skip(s, strlen(switches[i].command)), option, name;
		bool quoted, name_quoted;
		if (!str_istarts(s, switches[i].command) || !next_word(w->arena, &rest, &option, &quoted) ||
		    !str_iis(option, "-Name") || !next_word(w->arena, &rest, &name, &name_quoted) || !name_quoted ||
		    str_find(name, '*') != SIZE_MAX || str_find(name, ',') != SIZE_MAX)
			continue;
		const char *why = windows_switch(w, &script->named, name, switches[i].what);
		if (why)
			ruleset_unknown(w->rules, at, s, "%s", why);
		script_rest(script, rest, at, s);
		return true;
	}
	return false;
}

/* Commands that change rules which are there. */
static bool changes_rules(struct str s)
{
	static const char *const verbs[] = { "Remove-NetFirewall", "Disable-NetFirewall", "Enable-NetFirewall",
					     "Set-NetFirewall",    "Rename-NetFirewall",  "Copy-NetFirewall" };
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (str_contains_ci(s, str_of(verbs[i])))
			return true;
	return false;
}

static void script_profile(struct script *script, struct str rest, struct loc at)
{
	struct windows *w = script->w;
	struct str word, value, all = STR("Domain,Private,Public"), one, copy = rest;
	bool quoted;
	while (next_word(w->arena, &copy, &word, &quoted))
		if (str_iis(word, "-Profile") || str_iis(word, "-Name"))
			next_word(w->arena, &copy, &all, &quoted);
	while (next_word(w->arena, &rest, &word, &quoted)) {
		if (word.n < 2 || word.p[0] != '-' || str_iis(word, "-All") ||
		    !next_word(w->arena, &rest, &value, &quoted))
			continue;
		struct str list = all;
		while (str_cut(&list, ',', &one)) {
			int p = windows_profile_find(str_trim(one));
			if (p >= 0)
				windows_setting(&w->settings[p], str_skip(word, 1), value, at);
		}
	}
}

static void script_variable(struct script *script, struct str statement)
{
	size_t equal = str_find(statement, '=');
	struct str name = str_trim(str_first(statement, equal)), rest = str_trim(str_skip(statement, equal + 1));
	struct str *value = ARENA_NEW(script->w->arena, struct str);
	bool quoted;
	if (str_starts(rest, "@(") && str_ends(rest, ")"))
		rest = (struct str){ rest.p + 2, rest.n - 3 };
	if (!next_word(script->w->arena, &rest, value, &quoted) || str_trim(rest).n)
		return;
	if (!quoted && (str_find(*value, '$') != SIZE_MAX || str_find(*value, '(') != SIZE_MAX))
		return;
	name = str_lower(script->w->arena, name);
	struct str *known = strmap_get(&script->variables, name);
	if (known)
		*known = *value;
	else
		strmap_add(&script->variables, name, value);
}

/* The balance of braces outside quotes. */
static void count_braces(struct script *script, struct str s)
{
	char quote = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (quote) {
			quote = s.p[i] == quote ? 0 : quote;
		} else if (s.p[i] == '\'' || s.p[i] == '"') {
			quote = s.p[i];
		} else if (s.p[i] == '{') {
			script->depth++;
		} else if (s.p[i] == '}' && script->depth) {
			script->depth--;
		}
	}
}

/* The end of a rule: nothing, or a pipe for its output. */
static void script_rest(struct script *script, struct str rest, struct loc at, struct str text)
{
	rest = str_trim(rest);
	if (rest.n && !str_iis(rest, "| Out-Null") && !str_iis(rest, "|Out-Null"))
		ruleset_unknown(script->w->rules, at, text, "what happens to the rule after this is unknown");
}

/* Statements of a line, separated by ; outside quotes and brackets. */
static bool next_statement(struct str *rest, struct str *ret)
{
	size_t depth = 0, i = 0;
	char quote = 0;
	*rest = str_trim(*rest);
	for (; i < rest->n; i++) {
		char c = rest->p[i];
		if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '\'' || c == '"')
			quote = c;
		else if (c == '{' || c == '(')
			depth++;
		else if ((c == '}' || c == ')') && depth)
			depth--;
		else if (c == ';' && !depth)
			break;
	}
	*ret = str_trim(str_first(*rest, i));
	*rest = str_skip(*rest, MIN(i + 1, rest->n));
	return ret->n || rest->n;
}

static void script_statement(struct script *script, struct str s, struct loc at)
{
	struct windows *w = script->w;
	unsigned before = script->depth;
	count_braces(script, s);
	if (script->skipping) {
		script->skipping = script->depth > script->skip_depth;
		return;
	}
	if (str_istarts(s, "if ($Undo)")) {
		script->skipping = script->depth > before;
		script->skip_depth = before;
		return;
	}
	bool rule = str_contains_ci(s, STR("New-NetFirewallRule"));
	if (str_istarts(s, "$") && str_find(s, '=') != SIZE_MAX && !rule) {
		script_variable(script, s);
	} else if (before || script->depth) {
		if (rule || changes_rules(s))
			ruleset_unknown(w->rules, at, s, "whether this runs is known only when the script runs");
	} else if (str_istarts(s, "New-NetFirewallRule")) {
		script_rule(script, str_skip(s, strlen("New-NetFirewallRule")), at, s);
	} else if (str_istarts(s, "Set-NetFirewallProfile")) {
		script_profile(script, str_skip(s, strlen("Set-NetFirewallProfile")), at);
	} else if (str_contains_ci(s, STR("Get-NetFirewallRule")) &&
		   str_contains_ci(s, STR("Remove-NetFirewallRule")) && !w->n_rules) {
		return; /* removes rules before those that follow */
	} else if (script_switch(script, s, at)) {
		return;
	} else if (rule || str_contains_ci(s, STR("-NetFirewall")) || str_contains_ci(s, STR("-NetIPsec")) ||
		   str_contains_ci(s, STR("advfirewall"))) {
		ruleset_unknown(w->rules, at, s, "the effect of this on the rules is unknown");
	}
}

/* The command continues on the next line: after a backtick, a comma, a pipe and an opening bracket. */
static bool goes_on(struct str s)
{
	return s.n && char_in(s.p[s.n - 1], "`,|(");
}

static bool read_whole_command(struct script *script, struct str *s, struct loc at)
{
	CLEANUP(out_free) struct out whole = out_memory(LONGEST_RULE_LINE);
	struct str line;
	while (goes_on(*s)) {
		out_str(&whole, s->p[s->n - 1] == '`' ? str_first(*s, s->n - 1) : *s);
		out_char(&whole, ' ');
		if (!lines_next(&script->lines, &line)) {
			*s = NO_STR;
			ruleset_unknown(script->w->rules, at, str_dup(script->w->arena, out_view(&whole)),
					"the command does not end");
			break;
		}
		*s = str_trim(line);
	}
	out_str(&whole, *s);
	if (whole.error)
		return diag_error(script->w->diag, at, "a command is longer than %d MB", LONGEST_RULE_LINE >> 20);
	*s = str_dup(script->w->arena, out_view(&whole));
	return true;
}

static bool read_script(struct windows *w)
{
	struct script script = {
		.w = w, .lines = lines_of(w->source), .variables = strmap_new(w->arena), .named = strmap_new(w->arena)
	};
	struct str line;
	bool comment = false;
	while (lines_next(&script.lines, &line)) {
		struct loc at = lines_at(&script.lines);
		struct str s = str_trim(line);
		/* <# ... #> */
		comment |= str_starts(s, "<#");
		if (comment) {
			comment = str_find_text(s, STR("#>")) == SIZE_MAX;
			continue;
		}
		if (!s.n || s.p[0] == '#')
			continue;
		if (goes_on(s) && !read_whole_command(&script, &s, at))
			return false;
		struct str statement;
		while (next_statement(&s, &statement))
			if (statement.n)
				script_statement(&script, statement, at);
	}
	return true;
}

/* The whole file */

static const char *assumption(struct windows *w, const struct windows_profile_settings *s, bool in, int block)
{
	const char *what = in ? "blocks inbound traffic" : "permits outbound traffic";
	return arena_printf(
		w->arena, "in the %s profile the firewall %s%s%s%s, the default of Windows; the file does not state it",
		windows_profile_names[w->profile], s->enabled < 0 ? "is on" : "",
		s->enabled < 0 && block < 0 ? " and " : "", block < 0 ? what : "",
		block < 0 ? " where no rule matches" : "");
}

static void put_default(struct windows *w)
{
	const struct windows_profile_settings *s = &w->settings[w->profile];
	struct chain *c = &w->rules->chains.v[w->chain];
	bool in = w->options->side != POLICY_OUTBOUND;
	int block = in ? s->block_inbound : s->block_outbound;
	c->fallthrough = (block < 0 ? in : block) ? ACTION_DENY : ACTION_PERMIT;
	c->policy_at = s->at;
	if (s->odd.n)
		ruleset_unknown(w->rules, s->at, s->odd, "the value of this setting is unknown");
	if (s->enabled != 0 && (s->enabled < 0 || block < 0))
		*VEC_ADD(w->arena, &w->rules->assumed) = assumption(w, s, in, block);
	if (s->enabled == 0) {
		c->fallthrough = ACTION_PERMIT;
		return;
	}
	for (size_t i = 0; i < w->bypass.n; i++)
		*VEC_ADD(w->arena, &c->rules) = w->bypass.v[i];
	for (size_t i = 0; i < w->block.n; i++)
		*VEC_ADD(w->arena, &c->rules) = w->block.v[i];
	if (in && s->no_exceptions == 1)
		c->fallthrough = ACTION_DENY;
	else
		for (size_t i = 0; i < w->allow.n; i++)
			*VEC_ADD(w->arena, &c->rules) = w->allow.v[i];
}

static bool states_anything(const struct windows_profile_settings *s)
{
	return s->enabled >= 0 || s->block_inbound >= 0 || s->block_outbound >= 0 || s->local_merge >= 0 ||
	       s->no_exceptions >= 0 || s->odd.n;
}

/* The profile's old name applies where the new ones are not set at all; on a host it means Private alone. */
static void take_standard(struct windows *w, bool policy)
{
	for (int p = PROFILE_PRIVATE; p <= (policy ? PROFILE_PUBLIC : PROFILE_PRIVATE); p++) {
		const struct windows_profile_settings *s = &w->settings[p];
		if (!states_anything(s))
			w->settings[p] = w->standard;
	}
}

static void check_stores(struct windows *w, bool policy)
{
	struct loc at = loc_line(w->source, 1);
	if (policy && w->settings[w->profile].local_merge != 0)
		ruleset_unknown(w->rules, at, STR("the whole file"),
				"local rules apply as well, because AllowLocalPolicyMerge is not 0 for the %s profile; "
				"read the host's own export",
				windows_profile_names[w->profile]);
	if (policy || w->whole_store || !w->n_rules || w->n_of_policies)
		return;
	ruleset_unknown(w->rules, at, STR("the whole file"),
			"rules of group policies may be missing; export with -PolicyStore ActiveStore and "
			"PolicyStoreSourceType");
}

/* An export of nothing, or of something else, is not an export of a firewall without rules. */
static void check_not_empty(struct windows *w)
{
	bool stated = w->n_rules || w->rules->unknown.n || states_anything(&w->standard);
	for (int i = 0; i < N_PROFILES; i++)
		stated |= states_anything(&w->settings[i]);
	if (!stated)
		ruleset_unknown(w->rules, loc_line(w->source, 1), STR("the whole file"),
				"it holds neither a rule nor a setting of a profile");
}

static bool read_form(struct windows *w, bool *policy)
{
	struct str text = w->source->text, head = str_first(text, 1 << 16), bare = head;
	*policy = false;
	while (bare.n && char_in(bare.p[0], " \t\r\n"))
		bare = str_skip(bare, 1);
	if (text.n >= 4 && memcmp(text.p, "PReg", 4) == 0) {
		*policy = true;
		return windows_read_registry(w);
	}
	if (str_find(head, 0) != SIZE_MAX)
		return diag_error(w->diag, (struct loc){ w->source, 1, 1, 0 },
				  "this is neither text nor a Registry.pol");
	if (bare.n && (bare.p[0] == '[' || bare.p[0] == '{') && !str_istarts(bare, "[HKEY"))
		return windows_read_json(w);
	if (str_istarts(bare, "Windows Registry Editor") || str_istarts(bare, "REGEDIT4") ||
	    str_istarts(bare, "[HKEY")) {
		*policy = str_contains_ci(head, STR("Policies\\Microsoft\\WindowsFirewall"));
		bool ok = windows_read_reg_text(w);
		if (!*policy)
			w->n_of_policies = 0;
		return ok;
	}
	if (str_contains_ci(head, STR("-NetFirewall"))) {
		w->whole_store = true;
		return read_script(w);
	}
	if (windows_is_netsh_script(head))
		return windows_read_netsh_script(w);
	if (str_find_text(head, STR("---------------")) != SIZE_MAX)
		return read_netsh(w);
	if (windows_is_tree(head))
		return windows_read_csv(w);
	return diag_error(w->diag, loc_line(w->source, 1),
			  "this is not an export of Windows Firewall: neither netsh, a script of netsh, JSON, CSV, a "
			  "script, a .reg file "
			  "nor Registry.pol");
}

bool windows_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		   struct diag *d)
{
	static const struct windows_profile_settings unsaid = {
		.enabled = -1,
		.block_inbound = -1,
		.block_outbound = -1,
		.local_merge = -1,
		.no_exceptions = -1,
	};
	size_t errors = diag_errors(d);
	struct windows *w = ARENA_NEW(a, struct windows);
	bool policy;
	*w = (struct windows){
		.arena = a, .source = s, .options = o, .rules = ruleset_new(a, s, "windows"), .diag = d
	};
	*ret = w->rules;
	w->rules->order = "block rules precede allow rules, whatever their place";
	for (int i = 0; i < N_PROFILES; i++)
		w->settings[i] = unsaid;
	w->standard = unsaid;
	if (o->profile.n) {
		int p = windows_profile_find(o->profile);
		if (p < 0)
			return diag_error(d, NOWHERE, "there is no profile \"%.*s\": use Domain, Private or Public",
					  STR_ARG(o->profile));
		w->profile = (enum windows_profile)p;
	}
	w->chain = ruleset_chain(w->rules,
				 str_printf(a, "%s, %s profile", o->side == POLICY_OUTBOUND ? "outbound" : "inbound",
					    windows_profile_names[w->profile]),
				 (struct loc){ s, 0, 0, 0 });
	*VEC_ADD(a, &w->rules->bases) = w->chain;
	w->rules->replies = REPLIES_FREE;
	if (!read_form(w, &policy))
		return diag_errors(d) == errors &&
		       diag_error(d, (struct loc){ s, 0, 0, 0 }, "the file contains no rule");
	w->rules->chains.v[w->chain].at = (struct loc){ w->source, 0, 0, 0 };
	check_not_empty(w);
	take_standard(w, policy);
	put_default(w);
	check_stores(w, policy);
	w->rules->n_understood = w->rules->n_lines - MIN(w->rules->n_lines, w->rules->unknown.n);
	return diag_errors(d) == errors;
}
