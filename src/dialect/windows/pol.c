/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registry's form: Registry.pol of a group policy (MS-GPREG 2.2.1), and
 * exports of either store by reg.exe.
 *
 * A binary file has no lines, so its records become lines of a text,
 * which errors and replies quote.
 */
#include "dialect/common/lines.h"
#include "dialect/windows/windows.h"

enum {
	POL_MOST_TEXT = 1 << 20, /* bytes of a key, a name or a value */
	REG_SZ = 1,
	REG_EXPAND_SZ = 2,
	REG_DWORD = 4,
};

struct pol_record {
	struct str key, name, value; /* UTF-8 */
	uint32_t type;
	uint32_t line;
};

struct pol {
	struct windows *w;
	const unsigned char *p, *end;
	struct out text; /* the records as lines */
	VEC(struct pol_record) records;
};

static bool broken(struct pol *pol, const char *what)
{
	return diag_error(pol->w->diag, (struct loc){ pol->w->source, 0, 0, 0 }, "%s in record %zu (byte %zu)", what,
			  pol->records.n + 1, (size_t)(pol->p - (const unsigned char *)pol->w->source->text.p));
}

/* UTF-16LE up to its NUL or n bytes, as UTF-8. */
static struct str from_wide(struct arena *a, const unsigned char *p, size_t n)
{
	CLEANUP(out_free) struct out o = out_memory(SIZE_MAX);
	uint32_t letter;
	char bytes[4];
	for (size_t i = 0; i + 1 < n;) {
		i += utf16_letter((const char *)p + i, n - i, false, &letter);
		if (!letter)
			break;
		out_bytes(&o, bytes, utf8_of(letter < ' ' ? ' ' : letter, bytes));
	}
	return str_dup(a, out_view(&o));
}

static bool take_mark(struct pol *pol, char mark)
{
	if (pol->end - pol->p < 2 || pol->p[0] != (unsigned char)mark || pol->p[1] != 0)
		return broken(pol, pol->end - pol->p < 2 ? "the file ends" : "a mark between fields is missing");
	pol->p += 2;
	return true;
}

static bool take_text(struct pol *pol, struct str *ret)
{
	const unsigned char *from = pol->p;
	while (pol->end - pol->p >= 2 && (pol->p[0] || pol->p[1])) {
		if (pol->p - from > POL_MOST_TEXT)
			return broken(pol, "a name is too long");
		pol->p += 2;
	}
	if (pol->end - pol->p < 2)
		return broken(pol, "the file ends");
	*ret = from_wide(pol->w->arena, from, (size_t)(pol->p - from));
	pol->p += 2;
	return true;
}

static bool take_number(struct pol *pol, uint32_t *ret)
{
	if (pol->end - pol->p < 4)
		return broken(pol, "the file ends");
	*ret = pol->p[0] | (uint32_t)pol->p[1] << 8 | (uint32_t)pol->p[2] << 16 | (uint32_t)pol->p[3] << 24;
	pol->p += 4;
	return true;
}

static bool take_record(struct pol *pol)
{
	struct pol_record r = { .line = (uint32_t)pol->records.n + 1 };
	uint32_t size = 0;
	if (!take_mark(pol, '[') || !take_text(pol, &r.key) || !take_mark(pol, ';') || !take_text(pol, &r.name) ||
	    !take_mark(pol, ';') || !take_number(pol, &r.type) || !take_mark(pol, ';') || !take_number(pol, &size) ||
	    !take_mark(pol, ';'))
		return false;
	if (size > (size_t)(pol->end - pol->p))
		return broken(pol, "a value is longer than the file");
	if (r.type == REG_DWORD && size == 4)
		r.value = str_printf(pol->w->arena, "%u",
				     pol->p[0] | (uint32_t)pol->p[1] << 8 | (uint32_t)pol->p[2] << 16 |
					     (uint32_t)pol->p[3] << 24);
	else if (r.type == REG_SZ || r.type == REG_EXPAND_SZ)
		r.value = from_wide(pol->w->arena, pol->p, size);
	pol->p += size;
	if (!take_mark(pol, ']'))
		return false;
	out_printf(&pol->text, "%.*s\\%.*s = %.*s\n", STR_ARG(r.key), STR_ARG(r.name), STR_ARG(r.value));
	*VEC_ADD(pol->w->arena, &pol->records) = r;
	return true;
}

/* "v2.10|Action=Allow|Active=TRUE|...|" */
static void take_rule(struct windows *w, struct str name, struct str value, struct loc at, struct str text)
{
	struct windows_rule r = { .at = at, .text = text };
	struct str part, version;
	r.fields[WF_NAME] = name;
	if (!str_cut(&value, '|', &version) || !str_starts(version, "v2.")) {
		ruleset_unknown(w->rules, at, text, "this is not a firewall rule of a known version");
		return;
	}
	while (str_cut(&value, '|', &part)) {
		size_t equal = str_find(part, '=');
		if (!part.n)
			continue;
		struct str key = str_first(part, MIN(equal, part.n)),
			   content = equal == SIZE_MAX ? NO_STR : str_skip(part, equal + 1);
		if (str_is(key, "Name")) {
			r.fields[WF_DISPLAY] = content;
			continue;
		}
		int f = windows_field_find(key);
		if (f < 0) {
			ruleset_unknown(w->rules, at, text, "the meaning of \"%.*s\" is unknown",
					STR_ARG(str_first(key, 64)));
			return;
		}
		windows_field_add(w, &r, (enum windows_field)f, content);
	}
	/* a missing value means that the rule is not in force (MS-GPFAS 2.2.2.3) */
	if (!r.fields[WF_ENABLED].n)
		r.fields[WF_ENABLED] = STR("FALSE");
	r.fields[WF_STORE] = STR("Group");
	windows_rule_take(w, &r);
}

static struct str last_part(struct str key)
{
	size_t n = key.n;
	while (n && key.p[n - 1] != '\\')
		n--;
	return str_skip(key, n);
}

static bool is_legacy_list(struct str key)
{
	return str_contains_ci(key, STR("\\GloballyOpenPorts")) ||
	       str_contains_ci(key, STR("\\AuthorizedApplications")) ||
	       str_contains_ci(key, STR("Profile\\Services")) || str_contains_ci(key, STR("\\IcmpSettings")) ||
	       str_contains_ci(key, STR("\\RemoteAdminSettings"));
}

/* Keys of Registry.pol have no hive: theirs is that of the machine. */
static bool is_firewall_key(struct str key)
{
	bool machine = !str_istarts(key, "HKEY_") || str_istarts(key, "HKEY_LOCAL_MACHINE\\");
	return machine && (str_contains_ci(key, STR("WindowsFirewall")) || str_contains_ci(key, STR("FirewallPolicy")));
}

static void take_value(struct windows *w, struct str key, struct str name, struct str value, struct loc at,
		       struct str text)
{
	struct str last = last_part(key);
	int p = windows_profile_find(last);
	if (!is_firewall_key(key)) {
		if (str_iis(last, "FirewallRules"))
			ruleset_unknown(w->rules, at, text, "Windows Firewall does not read rules from key \"%.*s\"",
					STR_ARG(str_first(key, 200)));
		return;
	}
	/* the defaults of Windows, kept for a reset */
	if (str_contains_ci(key, STR("SharedAccess\\Defaults")))
		return;
	if (str_iis(last, "FirewallRules")) {
		take_rule(w, name, value, at, text);
		return;
	}
	w->rules->n_lines++;
	if (str_istarts(name, "**del"))
		ruleset_unknown(w->rules, at, text, "it removes settings of other policies");
	else if (is_legacy_list(key))
		ruleset_unknown(w->rules, at, text, "a setting of the firewall before Windows Vista");
	else if (str_iis(last, "ConSecRules"))
		ruleset_unknown(w->rules, at, text, "a connection security rule may block what the firewall permits");
	else if (str_iis(last, "StandardProfile"))
		w->rules->n_ignored += !windows_setting(&w->standard, name, value, at);
	else if (p >= 0 && str_ends(last, "Profile"))
		w->rules->n_ignored += !windows_setting(&w->settings[p], name, value, at);
	else
		w->rules->n_ignored++;
}

static void free_text(void *p)
{
	free(p);
}

/* Values that later records delete or replace do not count (MS-GPREG 3.2.5.1). */
static void drop_deleted(struct pol *pol, bool *dead)
{
	struct arena *a = pol->w->arena;
	struct strmap values = strmap_new(a), keys = strmap_new(a);
	for (size_t i = pol->records.n; i-- > 0;) {
		const struct pol_record *r = &pol->records.v[i];
		struct str key = str_lower(a, r->key), name = str_lower(a, r->name);
		dead[i] = strmap_get(&keys, key) != NULL;
		/* lists of keys or values: what they remove is reported elsewhere */
		if (str_starts(name, "**deletekeys") || str_starts(name, "**deletevalues"))
			continue;
		if (str_starts(name, "**delvals")) {
			dead[i] = true;
			strmap_add(&keys, key, pol);
			continue;
		}
		if (str_starts(name, "**del.")) {
			dead[i] = true;
			name = str_skip(name, strlen("**del."));
		} else if (str_starts(name, "**soft.")) {
			name = str_skip(name, strlen("**soft."));
		}
		struct str whole = str_printf(a, "%.*s\\%.*s", STR_ARG(key), STR_ARG(name));
		if (!strmap_add(&values, whole, pol))
			dead[i] = true;
	}
}

bool windows_read_registry(struct windows *w)
{
	const unsigned char *begin = (const unsigned char *)w->source->text.p;
	struct pol pol = { .w = w, .p = begin + 8, .end = begin + w->source->text.n, .text = out_memory(SIZE_MAX) };
	bool ok = true;
	if (w->source->text.n < 8 || memcmp(begin, "PReg\1\0\0\0", 8) != 0) {
		out_free(&pol.text);
		return diag_error(w->diag, (struct loc){ w->source, 0, 0, 0 },
				  "this is not a Registry.pol of version 1");
	}
	while (ok && pol.p < pol.end)
		ok = take_record(&pol);
	struct source *text = source_of_text(w->arena, w->source->name, out_view(&pol.text));
	arena_at_end(w->arena, free_text, pol.text.buf);
	if (!ok)
		return false;
	w->source = w->rules->source = text;
	bool *dead = ARENA_ARRAY(w->arena, bool, pol.records.n);
	drop_deleted(&pol, dead);
	struct str rest = text->text, line;
	for (size_t i = 0; i < pol.records.n && str_cut(&rest, '\n', &line); i++)
		if (!dead[i])
			take_value(w, pol.records.v[i].key, pol.records.v[i].name, pol.records.v[i].value,
				   loc_line(text, pol.records.v[i].line), line);
	return true;
}

/* "name"="value" with backslashes before backslashes and quotes. */
static bool take_quoted(struct arena *a, struct str *rest, struct str *ret)
{
	size_t n = 0, i = 1;
	if (!rest->n || rest->p[0] != '"')
		return false;
	char *copy = arena_alloc(a, rest->n);
	for (; i < rest->n && rest->p[i] != '"'; i++) {
		if (rest->p[i] == '\\' && i + 1 < rest->n)
			i++;
		copy[n++] = rest->p[i];
	}
	if (i >= rest->n)
		return false;
	*ret = (struct str){ copy, n };
	*rest = str_skip(*rest, i + 1);
	return true;
}

bool windows_read_reg_text(struct windows *w)
{
	struct lines l = lines_of(w->source);
	struct str line, key = STR(""), name, value;
	while (lines_next(&l, &line)) {
		line = str_trim(line);
		if (line.n > 2 && line.p[0] == '[' && line.p[line.n - 1] == ']') {
			key = (struct str){ line.p + 1, line.n - 2 };
			/* [-key] clears the key for what follows; after rules it would remove them */
			if (str_starts(key, "-") && w->n_rules)
				ruleset_unknown(w->rules, lines_at(&l), line, "this removes statements above");
			continue;
		}
		struct str rest = line;
		if (!take_quoted(w->arena, &rest, &name) || !rest.n || rest.p[0] != '=')
			continue;
		rest = str_skip(rest, 1);
		if (str_istarts(rest, "dword:")) {
			char *end;
			unsigned long n = strtoul(cstr(w->arena, str_skip(rest, 6)), &end, 16);
			value = str_printf(w->arena, "%lu", n);
		} else if (!take_quoted(w->arena, &rest, &value)) {
			if (str_iis(last_part(key), "FirewallRules") || windows_profile_find(last_part(key)) >= 0)
				ruleset_unknown(w->rules, lines_at(&l), line,
						"a value that is neither a string nor a number");
			continue;
		}
		take_value(w, key, name, value, lines_at(&l), line);
	}
	return true;
}
