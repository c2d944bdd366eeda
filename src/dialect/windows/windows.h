/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Windows Firewall: shared by the files of its two dialects.
 *
 * Rules come in many forms: netsh's lists and scripts, PowerShell's objects as JSON or CSV,
 * scripts of New-NetFirewallRule, and the registry's strings.  Each form is
 * brought to the same fields (rule.c), which alone know what a rule means.
 */
#pragma once

#include "base/strmap.h"
#include "base/vec.h"
#include "dialect/dialect.h"

enum windows_field {
	WF_IGNORED, /* no effect on matching */
	WF_NAME,
	WF_DISPLAY,
	WF_DESCRIPTION,
	WF_INSTANCE,
	WF_ENABLED,
	WF_DIRECTION,
	WF_ACTION,
	WF_PROFILE,
	WF_PROTOCOL,
	WF_LOCAL_PORT,
	WF_REMOTE_PORT,
	WF_LOCAL_ADDRESS,
	WF_REMOTE_ADDRESS,
	WF_ICMP,
	WF_PROGRAM,
	WF_SERVICE,
	WF_PACKAGE,
	WF_USER,
	WF_INTERFACE,
	WF_SECURITY,
	WF_DYNAMIC,
	WF_PLATFORM,
	WF_OVERRIDE,
	WF_STORE, /* the store that the rule comes from */
	N_WINDOWS_FIELDS,
};

/* A rule in words: lists are separated by commas. */
struct windows_rule {
	struct loc at;
	struct str text;
	struct str fields[N_WINDOWS_FIELDS];
	size_t room[N_WINDOWS_FIELDS]; /* bytes of a field that the rule itself owns */
	uint32_t seen;                 /* fields that the form has, with or without a value: bits */
};

enum windows_profile { PROFILE_DOMAIN, PROFILE_PRIVATE, PROFILE_PUBLIC, N_PROFILES };
extern const char *const windows_profile_names[N_PROFILES];

/* -1: not stated */
struct windows_profile_settings {
	int enabled, block_inbound, block_outbound, local_merge, no_exceptions;
	struct loc at;
	struct str odd; /* a setting with an invalid value */
};

typedef VEC(struct rule) windows_list;

/* The rules that New-NetFirewallRule made, by its -Name: places in the lists of rules. */
struct windows_named {
	size_t from[3], to[3]; /* of bypass, block, allow */
	bool disabled, removed;
	VEC(bool) never; /* what Disable-NetFirewallRule has changed */
};

struct windows {
	struct arena *arena;
	const struct source *source;
	const struct read_options *options;
	struct ruleset *rules;
	struct diag *diag;
	uint32_t chain;
	enum windows_profile profile; /* the active one */
	struct windows_profile_settings settings[N_PROFILES];
	/* of StandardProfile, the former name of Private, and of Public before it became a profile of its own */
	struct windows_profile_settings standard;
	/* Blocks precede permits, whatever the order of the file. */
	windows_list bypass, block, allow;
	size_t n_rules, n_local, n_of_policies, n_of_nobody; /* by the store that they come from */
	bool whole_store;                                    /* the form includes rules of group policies */
	bool incomplete_told;
	bool programs_told;     /* what is assumed of programs */
	uint32_t keywords_told; /* and of keywords for addresses: bits */
	uint32_t missing_told;  /* kinds of fields that the export lacks: bits */
};

/* The field of a name in any of the forms; -1: unknown. */
int windows_field_find(struct str name);

/* Adds a value to a field: lists grow. */
void windows_field_add(struct windows *w, struct windows_rule *r, enum windows_field f, struct str value);

/* Local ports, as a rule names them. */
struct windows_ports {
	struct portset set;
	bool any;
	bool rpc; /* those that the RPC runtime assigns are among them, by a keyword */
};

/* A part of what a rule that is bound to a program applies to. */
struct windows_part {
	unsigned protocol;
	struct portset ports; /* none: of a protocol without ports */
	bool rpc;             /* only where the RPC service is the program's */
	const char *perhaps;
};

typedef VEC(struct windows_part) windows_parts;

/* The program of the host that a rule is bound to, by path or service; NULL: it is not known. */
const struct host_program *windows_program_find(const struct windows *w, struct str path, struct str service);

/* Protocol 256: any. */
windows_parts windows_program_parts(struct windows *w, const struct host_program *p, unsigned protocol,
				    const struct windows_ports *said);

/* Of struct rule.rpc. */
uint32_t windows_program_number(struct windows *w, const struct host_program *p);

/* The ports that the host's RPC runtime assigns. */
struct port_range windows_rpc_range(const struct windows *w);

/* Takes a rule whose fields are complete. */
void windows_rule_take(struct windows *w, const struct windows_rule *r);

/* Sets a profile's setting by its name in the registry or in PowerShell; false when it does not filter. */
bool windows_setting(struct windows_profile_settings *s, struct str name, struct str value, struct loc at);

/* The profile of a name, in any form ("DomainProfile", "Domain"); -1: none. */
int windows_profile_find(struct str name);

/* Reports once which kinds of fields an export lacks. */
void windows_check_seen(struct windows *w, const struct windows_rule *r);

/* The forms. */
bool windows_is_tree(struct str text);
bool windows_is_netsh_script(struct str text);
bool windows_read_netsh_script(struct windows *w); /* netsh advfirewall firewall add rule */
bool windows_read_json(struct windows *w);
bool windows_read_csv(struct windows *w);
bool windows_read_registry(struct windows *w); /* Registry.pol */
bool windows_read_reg_text(struct windows *w); /* a .reg file */

/*
 * Disable-, Enable- and Remove-NetFirewallRule -Name of a rule that the script made.  named: by name in lower case.  NULL,
 * or why the effect is unknown.
 */
enum windows_switch { SWITCH_DISABLE, SWITCH_ENABLE, SWITCH_REMOVE };
struct windows_named windows_begin_named(const struct windows *w);
void windows_end_named(struct windows *w, struct strmap *named, struct str name, const struct windows_named *made);
const char *windows_switch(struct windows *w, const struct strmap *named, struct str name, enum windows_switch what);

extern const struct patch_writer windows_patch;

bool windows_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		   struct diag *d);
