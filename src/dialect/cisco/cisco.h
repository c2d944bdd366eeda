/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two Cisco languages share: objects and object groups (objects.c),
 * entries of access lists (ace.c), and lists as chains (acl.c).  They differ in
 * masks (IOS writes wildcards in entries), in what `any` means, and in what
 * stands around.
 */
#pragma once

#include "base/strmap.h"
#include "dialect/common/lines.h"
#include "dialect/common/match.h"
#include "dialect/common/ranges.h"
#include "dialect/dialect.h"

enum cisco_kind { CISCO_NETWORK, CISCO_SERVICE, CISCO_PROTOCOL, CISCO_ICMP };

/* An object or a group of objects. */
struct cisco_group {
	struct str name;
	enum cisco_kind kind;
	struct loc at;
	bool defined, resolving, resolved;
	bool wildcard; /* its masks have ones where bits do not matter, as NX-OS writes them */
	bool strange;  /* of a kind that is not modelled: its lines are ignored */
	bool single;   /* an object: a later statement replaces an earlier one; configurations reopen it for nat */
	struct port_range
		typed; /* protocols of a service group that names ports only; 0-0: each member states its own */
	range_vec ranges;
	term_vec terms;
	VEC(struct str) children; /* keys of nested groups */
	const char *perhaps;      /* why there may be more in it than is known */
	struct addrset addresses; /* once resolved: those that are known */
};

struct cisco_entry {
	struct str line;
	uint32_t number; /* of the line */
	uint32_t sequence;
	uint32_t order;
	uint32_t previous; /* entry with the same sequence number, plus one; of an indexed list */
	bool removed;
	bool part; /* of the previous entry, which a listing expands */
	bool said; /* the sequence number was written, not counted */
};

struct cisco_list {
	/* its bindings to interfaces in the base chain that was last bound: one rule, by all their names */
	VEC(struct str) bound;
	const struct cisco_binding *bound_as;
	uint32_t bound_base;
	size_t bound_rule;
	struct str name;
	enum family family; /* of IOS: one family */
	bool both;          /* of ASA: both families */
	bool standard;      /* sources only */
	bool defined, made;
	struct loc at;
	VEC(struct cisco_entry) entries;
	uint32_t last_sequence;
	/* the ASA's line counter, which counts remarks, and whether the last line stated its number */
	uint32_t position;
	bool position_said;
	/* built when the first entry is removed: entries by sequence number, and a max-heap of the numbers */
	bool indexed;
	struct strmap by_sequence;
	VEC(uint32_t) heap; /* of entries */
	uint32_t chain;
};

struct cisco_binding {
	struct str list, interface; /* none: all interfaces, after their own lists */
	bool out;
	enum family family;
	bool both;
	struct loc at;
	struct str text;
};

/* The bindings of one interface, as numbers. */
struct cisco_bound {
	size_t binding;
	struct cisco_bound *next;
};

/* A rule that keeps state for `evaluate`. */
struct cisco_reflection {
	struct str name;
	struct match match;
};

/* A crypto map: the list of what it sends into a tunnel; and the interfaces of IOS that have it. */
struct cisco_tunnel {
	struct str map, list;
	struct loc at;
	struct str text;
};

/* Interfaces by their names. */
struct cisco_names {
	struct str *v;
	size_t n, room;
};

/* A statement of address translation; read once all objects are known. */
struct cisco_nat {
	struct str line, text;
	struct loc at;
	struct str object; /* of an ASA's object: its name */
	unsigned section;
};

struct cisco {
	struct arena *keep, *scratch;
	const struct source *source;
	const struct read_options *options;
	struct ruleset *rules;
	struct diag *diag;
	bool asa;
	struct lines lines;
	struct str line;
	uint32_t sequence; /* of the entry that is being read, as it was written; 0: it was counted */
	words words;
	struct strmap groups;  /* "g NAME" or "o NAME" -> struct cisco_group */
	struct strmap aliases; /* ASA's name A NAME: -> struct str, the address */
	struct strmap lists;   /* "4 NAME", "6 NAME" or "b NAME" -> struct cisco_list */
	VEC(struct cisco_list *) all_lists;
	VEC(struct cisco_binding) bindings;
	struct strmap bound; /* interface -> struct cisco_bound */
	VEC(struct cisco_reflection) reflections;
	struct cisco_group *group; /* the block that is open */
	struct cisco_list *list;
	struct str interface;
	VEC(struct cisco_tunnel) tunnels, tunnel_interfaces;
	VEC(struct cisco_nat) nat;
	struct cisco_names nat_inside, nat_outside; /* interfaces of IOS between which it translates */
	struct strmap own;                          /* addresses of interfaces: name -> struct addr */
	struct str map;                             /* the block of a crypto map that is open */
	VEC(struct str) shut;                       /* interfaces of IOS that are shut down */
	size_t copied;                              /* members copied into other groups */
	struct str until;                           /* the delimiter at which text outside the configuration ends */
	bool at_entry;       /* the previous line was an entry of a list, which a terminal may have wrapped */
	bool has_interfaces; /* a whole configuration: what is not bound filters nothing */
};

/* Splits the line into words, without a comment at its end. */
void cisco_split(struct cisco *c);
void cisco_unknown(struct cisco *c, const char *why);

/* Objects.  key: "g NAME" of an object-group, "o NAME" of an object. */
struct cisco_group *cisco_group(struct cisco *c, char space, struct str name, bool make);
void cisco_begin_group(struct cisco *c, struct cisco_group *g, enum cisco_kind kind);
bool cisco_group_line(struct cisco *c); /* a line of a group; false when it is not one */
bool cisco_resolve(struct cisco *c, struct cisco_group *g);

/* True for a member line without its indent, as forums and mails quote them. */
bool cisco_is_member(const struct cisco *c);

/* For a line that no device prints: adds an unknown line, and returns true. */
bool cisco_is_too_long(struct cisco *c);

/* For the rest of a wrapped line, or a line with a pager's prompt: adds unknown lines, and returns true. */
bool cisco_is_broken(struct cisco *c);

/* "no object-group KIND NAME", outside of blocks. */
bool cisco_removes_group(struct cisco *c);

/* Values. */
bool cisco_address(struct cisco *c, struct str s, struct addr *ret);
/* An address and its mask: netmask, or wildcard where ones do not matter.  False: more holes than the limit. */
bool cisco_masked(struct arena *a, struct addr at, struct addr mask, bool wildcard, range_vec *to);
/* "eq 80", "range 1 5", "neq", "lt", "gt" at word *i, several ports after eq and neq on IOS. */
bool cisco_is_operator(struct str word);
bool cisco_ports(struct cisco *c, const words *w, size_t *i, struct portset *ret);
/* An ICMP type by number or name, with the code that the name implies. */
bool cisco_icmp_name(struct str s, bool v6, uint16_t *type, uint16_t *code);
void cisco_add_terms(struct arena *a, term_vec *to, unsigned protocol, struct portset sports, struct portset ports);

/* Binds; a later binding of the same interface and direction replaces an earlier one. */
void cisco_add_binding(struct cisco *c, const struct cisco_binding *b);

/* Lists. */
struct cisco_list *cisco_list_of(struct cisco *c, enum family f, struct str name, bool make);
void cisco_add_entry(struct cisco *c, struct cisco_list *l, bool sequence_said, uint32_t sequence);
void cisco_remove_entry(struct cisco *c, struct cisco_list *l, uint32_t sequence);
void cisco_clear_list(struct cisco_list *l);
/* The words of an entry from "permit" or "deny" on become a rule of the list's chain. */
void cisco_read_entry(struct cisco *c, struct cisco_list *l, size_t from);
/* A rule of a base chain that jumps from a binding to its list. */
void cisco_bind(struct cisco *c, uint32_t base, const struct cisco_binding *b, bool implicit_deny);
/*
 * What comes out of a tunnel bypasses the lists, with an uncertain match: the mirror of
 * what a list sends into it.  False: there is no such list.
 */
extern const char cisco_out_of_tunnel[];
bool cisco_add_tunnel(struct cisco *c, uint32_t base, struct str list);
void cisco_add_tunnel_rule(struct cisco *c, uint32_t base, const struct addrset *src, const struct addrset *dst,
			   struct loc at, struct str text);
/* When nothing is bound: the requested list, or the only one of each family; false: none was found. */
bool cisco_bind_unbound(struct cisco *c);
struct rule *cisco_implicit(struct cisco *c, uint32_t chain, enum action action, const char *text);

/* Address translation of an ASA: keeps the line; once all is read, translates what the base chains see. */
bool cisco_ios_nat(struct cisco *c); /* a statement of translation, or an address of an interface */
void cisco_ios_translate(struct cisco *c);
void cisco_keep_nat(struct cisco *c);
void cisco_translate(struct cisco *c);

/* Writing: "NAME-" and eight hexadecimal digits of the content. */
struct str cisco_content_name(struct arena *a, struct str name, struct str content);

/* Writes a group, whose name says its members, and adds it to the names: by its own, what was written. */
void cisco_put_group(struct arena *a, struct strmap *names, const char *kind, struct str name, struct str members,
		     struct out *o);
struct str cisco_written_name(const struct strmap *names, struct str name);

/* For struct dialect: removes lists and groups of an earlier file, after the new ones are bound. */
void cisco_withdraw(struct arena *a, struct str before, struct str now, struct out *o);

/* For struct dialect: which lines of IOS and ASA are entries that are read by themselves. */
enum line_kind cisco_line_kind(struct str line);

bool cisco_asa_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		     struct diag *d);
bool cisco_ios_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		     struct diag *d);

/*
 * A line of a policy or of an interface that drops what it matches, at whatever rate it
 * comes: drop; a policer or rate limit that drops also what conforms; a route to Null0.
 */
bool cisco_drops_all(const words *w);
