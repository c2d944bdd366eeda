/* SPDX-License-Identifier: Apache-2.0 */
#include "model/catalogue-fields.h"

static void decode_range(struct decode *d, const struct node *n, void *into)
{
	struct name text;
	if (!decode_text(d, n, &text))
		return;
	enum port_parse p = port_range_parse(text.s, into);
	if (p != PORT_OK)
		diag_error(d->diag, n->at, "\"%.*s\" is not a port range: %s", STR_ARG(text.s), port_parse_why(p));
}

/* clang-format would take the braces of these macros for blocks. */
/* clang-format off */
#define TEXT(row, member, name, need, sentence) \
	{ .key = name, .type = FIELD_TEXT, .offset = offsetof(struct row, member), .required = need, .help = sentence }
#define TEXTS(row, member, name, sentence) \
	{ .key = name, .type = FIELD_TEXTS, .offset = offsetof(struct row, member), .help = sentence }
#define CHOICE(row, member, name, words, sentence)                                                  \
	{ .key = name, .type = FIELD_CHOICE, .offset = offsetof(struct row, member),                \
	  .choices = words, .n_choices = ARRAY_LEN(words), .help = sentence }
#define RECORD(row, words) \
	{ .what = words, .size = sizeof(struct row), .fields = row##_fields, \
	  .n_fields = ARRAY_LEN(row##_fields), .key_offset = NO_OFFSET, .at_offset = NO_OFFSET }
#define KEYED_RECORD(row, words) \
	{ .what = words, .size = sizeof(struct row), .fields = row##_fields, \
	  .n_fields = ARRAY_LEN(row##_fields), .key_offset = offsetof(struct row, id), .at_offset = NO_OFFSET }
/* clang-format on */

/* A vocabulary file: one key that holds all of its words. */
/* clang-format would take the braces of these macros for blocks. */
/* clang-format off */
#define WORDS_RECORD(list, key_name, words, row, sentence)                                              \
	static const struct field list##_fields[] = {                                                   \
		{ .key = key_name, .type = FIELD_RECORD_MAP, .required = true, .record = &row##_record, \
		  .help = sentence },                                                                   \
	};                                                                                              \
	const struct record list##_record = { .what = words, .size = sizeof(struct records),            \
					      .fields = list##_fields, .n_fields = 1,                   \
					      .key_offset = NO_OFFSET, .at_offset = NO_OFFSET }
/* clang-format on */

static const struct field system_row_fields[] = {
	TEXT(system_row, name, "name", true, "The common name."),
	{ .key = "generation",
	  .type = FIELD_NUMBER,
	  .offset = offsetof(struct system_row, generation),
	  .max = 1000,
	  .help = "The Windows NT version times ten and the build's rank, growing with each release; absent: not "
		  "Windows." },
	{ .key = "dynamic-tcp",
	  .type = FIELD_CUSTOM,
	  .offset = offsetof(struct system_row, dynamic_tcp),
	  .required = true,
	  .decode = decode_range,
	  .help = "The default dynamic range for TCP, N-M." },
	{ .key = "dynamic-udp",
	  .type = FIELD_CUSTOM,
	  .offset = offsetof(struct system_row, dynamic_udp),
	  .required = true,
	  .decode = decode_range,
	  .help = "The default dynamic range for UDP, N-M." },
	TEXT(system_row, source, "source", true, "Where the ranges are documented."),
};
static const struct record system_row_record = KEYED_RECORD(system_row, "a system");
WORDS_RECORD(systems, "systems", "the list of systems", system_row, "Operating systems, oldest first.");

static const struct field setting_row_fields[] = {
	TEXT(setting_row, text, "text", true, "What an administrator changes, and where."),
	TEXT(setting_row, source, "source", false, "Where that is documented."),
	TEXT(setting_row, pins, "pins", false,
	     "The role whose RPC service gets a static port: a key of rpc: in an estate."),
};
static const struct record setting_row_record = KEYED_RECORD(setting_row, "a setting");
WORDS_RECORD(settings, "settings", "the list of settings", setting_row, "What moves a port, or why nothing does.");

static const struct field interface_row_fields[] = {
	TEXT(interface_row, uuid, "uuid", true, "The interface's UUID."),
	TEXT(interface_row, version, "version", true, "Its version, MAJOR.MINOR."),
	{ .key = "dcom",
	  .type = FIELD_FLAG,
	  .offset = offsetof(struct interface_row, dcom),
	  .help = "True: of DCOM, so that the endpoint mapper does not know its port." },
	TEXT(interface_row, title, "title", true, "What it is for."),
	TEXT(interface_row, source, "source", true, "The document that assigns the UUID."),
};
static const struct record interface_row_record = KEYED_RECORD(interface_row, "an interface");
WORDS_RECORD(interfaces, "interfaces", "the list of interfaces", interface_row,
	     "RPC interfaces by the names that needs use.");

static const struct field endpoint_row_fields[] = {
	TEXT(endpoint_row, protocol, "protocol", true, "tcp, udp, icmp, a number, or ? where it is missing."),
	TEXT(endpoint_row, ports, "ports", true, "The default port or ports, as in a need."),
	{ .key = "changeable",
	  .type = FIELD_FLAG,
	  .offset = offsetof(struct endpoint_row, changeable),
	  .help = "Whether Windows lets an administrator change it." },
	TEXT(endpoint_row, where, "where", false, "Where it is changed, or what fixes it."),
	TEXT(endpoint_row, note, "note", false, "Remarks on this port."),
};
static const struct record endpoint_row_record = RECORD(endpoint_row, "an endpoint");

static const char *const resolves_words[] = {
	[SERVICE_FIXED] = "fixed",
	[SERVICE_RPC] = "rpc",
	[SERVICE_RPC_STATIC] = "rpc-static",
	[SERVICE_DYNAMIC] = "dynamic",
};

static const char *const following_words[] = { [FOLLOWS_NEXT] = "next", [FOLLOWS_BEFORE] = "before" };

static const struct field service_row_fields[] = {
	TEXT(service_row, name, "name", true, "The common name."),
	TEXTS(service_row, aka, "aka", "What people call it on a command line."),
	TEXT(service_row, application, "application", false, "The application protocol, as probes name it."),
	CHOICE(service_row, resolves, "resolves", resolves_words,
	       "How the plan finds the port of the host that listens: fixed (the default), rpc (the dynamic range, "
	       "or the role's static port), rpc-static (only that), dynamic (the dynamic range)."),
	TEXT(service_row, follows, "follows", false, "The service whose port decides this one's."),
	CHOICE(service_row, following, "following", following_words,
	       "How: next (443 for 80, else one more: WSUS) or before (one less: the data port of active FTP)."),
	{ .key = "endpoints",
	  .type = FIELD_RECORDS,
	  .offset = offsetof(struct service_row, endpoints),
	  .record = &endpoint_row_record,
	  .help = "Protocols and default ports." },
};
static const struct record service_row_record = KEYED_RECORD(service_row, "a service");
WORDS_RECORD(services, "services", "the list of services", service_row, "Services by id.");

static const struct field program_row_fields[] = {
	TEXT(program_row, program, "program", true, "Its path, as Windows Firewall writes it; System: the kernel."),
	TEXTS(program_row, windows_services, "windows-services", "The Windows services in it, by their short names."),
	{ .key = "shared",
	  .type = FIELD_FLAG,
	  .offset = offsetof(struct program_row, shared),
	  .help = "Others run in it too, so a rule must name the Windows service." },
	TEXTS(program_row, services, "services", "The services that it listens for."),
	TEXTS(program_row, roles, "roles", "Only on a host with one of these roles; absent: on any."),
	TEXTS(program_row, interfaces, "interfaces", "The RPC interfaces that it registers."),
	TEXTS(program_row, protocols, "protocols", "Numbers of IP protocols without ports that are its own."),
	TEXT(program_row, source, "source", true, "The predefined rules, or the document, that bind it."),
};
static const struct record program_row_record = KEYED_RECORD(program_row, "a program");
WORDS_RECORD(programs, "programs", "the list of programs", program_row, "Programs of Windows that listen.");

static const struct field error_row_fields[] = {
	TEXTS(error_row, win32, "win32", "Codes of Win32; each is found as an HRESULT too."),
	TEXTS(error_row, codes, "codes", "Other numbers, decimal or hexadecimal."),
	TEXTS(error_row, events, "events", "Ids of events in a log of Windows."),
	TEXTS(error_row, names, "names", "What the code is called."),
	TEXT(error_row, meaning, "meaning", true, "What it states, in one sentence."),
	TEXT(error_row, where, "where", true, "What reports it."),
	TEXTS(error_row, flows, "flows",
	      "The flows that it stands for, as FROM -> TO SERVICE, the likeliest first; absent: the far end replied."),
	TEXT(error_row, otherwise, "otherwise", false, "What else gives the code; required without flows."),
	TEXT(error_row, uncertain, "uncertain", false, "What the source does not state."),
	TEXT(error_row, source, "source", true, "The document that states the meaning."),
};
static const struct record error_row_record = KEYED_RECORD(error_row, "an error");
WORDS_RECORD(errors, "errors", "the list of errors", error_row, "Codes of errors that closed ports give.");

static const char *const kind_words[] = {
	[ROLE_WINDOWS] = "windows",
	[ROLE_DEVICE] = "device",
	[ROLE_EXTERNAL] = "external",
};

static const char *const located_words[N_LOCATED] = {
	[NOT_LOCATED] = "no",
	[LOCATED_BY_DOMAIN] = "domain",
	[LOCATED_BY_FOREST] = "forest",
};

static const struct field role_row_fields[] = {
	TEXT(role_row, name, "name", true, "The common name."),
	TEXT(role_row, product, "product", false, "The product that it is part of."),
	TEXTS(role_row, aka, "aka", "Other names in the documents."),
	CHOICE(role_row, kind, "kind", kind_words,
	       "windows (the default): joined to a domain unless the host states otherwise; device: other equipment of "
	       "the "
	       "estate; external: an outside party, in zone internet unless placed."),
	TEXTS(role_row, implies, "implies", "Roles that a host with this one also has."),
	TEXTS(role_row, implies_joined, "implies-joined", "Roles that it also has when it is joined to a domain."),
	TEXTS(role_row, implies_old, "implies-old", "Roles that it also has when its system is older than old-system."),
	TEXT(role_row, old_system, "old-system", false, "The system of implies-old."),
	TEXTS(role_row, not_asked_by, "not-asked-by",
	      "Roles whose hosts ask nothing of it as a host with a role that it implies."),
	CHOICE(role_row, located, "located", located_words,
	       "Clients find a server of the role by their site of the directory: one of each domain that they use, or "
	       "one of the forest. Absent: no."),
	{ .key = "instanced",
	  .type = FIELD_FLAG,
	  .offset = offsetof(struct role_row, instanced),
	  .help = "A database instance of a host (instances:) takes the role over." },
	TEXT(role_row, note, "note", false, "Remarks."),
	TEXT(role_row, ended, "ended", false, "With what it ended, and when; plans note it."),
	TEXT(role_row, ended_source, "ended-source", false, "Where that is published; required with ended."),
	TEXT(role_row, ended_document, "ended-document", false, "It ended only where this document applies."),
	TEXT(role_row, ended_system, "ended-system", false, "It ended with this system; older ones have it."),
};
static const struct record role_row_record = KEYED_RECORD(role_row, "a role");
WORDS_RECORD(roles, "roles", "the list of roles", role_row, "Roles by id.");

static const char *const initiator_words[] = { "from", "either" };
static const char *const scope_words[] = {
	[SCOPE_NONE] = "none",
	[SCOPE_FOREST] = "forest",
	[SCOPE_OWN_FOREST] = "own-forest",
	[SCOPE_FOREST_TRUST] = "forest-or-trust",
	[SCOPE_TRUST] = "trust",
	[SCOPE_TRUSTED_SIDE] = "trusted-side",
	[SCOPE_TRUSTING_SIDE] = "trusting-side",
	[SCOPE_SITE] = "site",
	[SCOPE_RELATED_SITES] = "related-sites",
};
static const char *const administration_words[] = {
	[NOT_ADMINISTRATION] = "no",
	[ADMINISTRATION_KEPT] = "kept",
	[ADMINISTRATION_BOUNDED] = "bounded",
};
static const char *const erratum_words[] = {
	[NO_ERRATUM] = "no",
	[ERRATUM_ADDS] = "adds",
	[ERRATUM_WITHDRAWS] = "withdraws",
	[ERRATUM_CORRECTS] = "corrects",
};
_Static_assert(ARRAY_LEN(scope_words) == N_SCOPES && ARRAY_LEN(erratum_words) == N_ERRATA, "a name is missing");

/* Keys that a section sets for all of its needs, and that a need may override. */
#define SHARED_FIELDS(row)                                                                                             \
	TEXT(row, source, "source", false, "Where it is published, if not with the document."),                        \
		TEXT(row, from, "from", false,                                                                         \
		     "The role that opens the conversation; * is any client of the service."),                         \
		TEXT(row, to, "to", false, "The role that listens."),                                                  \
		TEXTS(row, from_members, "from-members",                                                               \
		      "The roles that a collective \"from\" (site-system) stands for."),                               \
		TEXTS(row, to_members, "to-members", "The roles that a collective \"to\" stands for."),                \
		TEXTS(row, clients, "clients",                                                                         \
		      "The roles that the plan uses for \"from: *\"; * is every host. Without it, only hosts that "    \
		      "name "                                                                                          \
		      "the role under uses: are planned."),                                                            \
		CHOICE(row, initiator, "initiator", initiator_words,                                                   \
		       "from (the default), or either: both sides open conversations."),                               \
		CHOICE(row, scope, "scope", scope_words,                                                               \
		       "Which hosts are paired: none (any two), forest, site, related-sites (parent and child)."),     \
		CHOICE(row, administration, "administration", administration_words,                                    \
		       "Administration that the estate may bound: kept is planned where it does not, bounded is "      \
		       "not."),                                                                                        \
		TEXTS(row, when, "when", "Conditions that must all hold."),                                            \
		TEXTS(row, forward, "forward", "Conditions on the flow from \"from\" to \"to\" only."),                \
		TEXTS(row, back, "back", "Conditions on the flow back, of initiator: either."),                        \
		TEXTS(row, interfaces, "interfaces", "RPC interfaces that the conversation uses."),                    \
		TEXTS(row, names, "names",                                                                             \
		      "Names that a vendor publishes for the \"to\" instead of addresses; * is any label, <word> one " \
		      "that depends on the customer."),                                                                \
		TEXT(row, why, "why", false, "What the conversation is for, in one sentence."),                        \
		TEXT(row, unplanned, "unplanned", false, "Why the plan leaves it out, where it does.")

static const struct field need_row_fields[] = {
	TEXT(need_row, service, "service", true, "A service id."),
	TEXT(need_row, protocol, "protocol", true, "tcp, udp, both, icmp, a number, or ? where it is missing."),
	TEXT(need_row, ports, "ports", true,
	     "N, N-M, all of N,M, one of N|M, dynamic, echo-request, - (none) or ? (missing, or chosen by the "
	     "administrator)."),
	{ .key = "line",
	  .type = FIELD_NUMBER,
	  .offset = offsetof(struct need_row, line),
	  .min = 1,
	  .max = 1000000,
	  .help = "The line of the document." },
	TEXT(need_row, change, "change", false,
	     "yes or no, then : and how it is changed:  setting ids, or the document's note number. Absent: no."),
	TEXT(need_row, plan_default, "default", false,
	     "The port that is planned when the host sets none, where the document gives only an example."),
	TEXT(need_row, section, "section", false, "Where in the document, when not under the section's title."),
	TEXT(need_row, note, "note", false, "Other remarks of the document on this row."),
	TEXT(need_row, uncertain, "uncertain", false, "Why the fact is not certain."),
	CHOICE(need_row, erratum, "erratum", erratum_words,
	       "A correction to the document: adds a need that it omits, withdraws needs that nothing uses (same "
	       "service, "
	       "protocol and roles; * is any), corrects those of exactly these roles by replacing them. It cites its "
	       "own source."),
	SHARED_FIELDS(need_row),
};
static const struct record need_row_record = {
	.what = "a need",
	.size = sizeof(struct need_row),
	.fields = need_row_fields,
	.n_fields = ARRAY_LEN(need_row_fields),
	.key_offset = NO_OFFSET,
	.at_offset = offsetof(struct need_row, at),
};

static const struct field section_row_fields[] = {
	TEXT(section_row, title, "title", true, "The heading in the document."),
	TEXT(section_row, part, "part", false, "The part of the document, where it has several."),
	SHARED_FIELDS(section_row),
	{ .key = "needs",
	  .type = FIELD_RECORDS,
	  .offset = offsetof(struct section_row, needs),
	  .required = true,
	  .record = &need_row_record,
	  .help = "The rows." },
};
static const struct record section_row_record = RECORD(section_row, "a section");

static const struct field document_row_fields[] = {
	{ .key = "document",
	  .type = FIELD_NAME,
	  .offset = offsetof(struct document_row, id),
	  .required = true,
	  .help = "The id used in estates and reasons." },
	TEXT(document_row, title, "title", true, "The published title."),
	TEXT(document_row, product, "product", false, "Its subject."),
	TEXT(document_row, date, "date", false, "The date in the document."),
	TEXT(document_row, source, "source", true, "Where it is published."),
	TEXT(document_row, about, "about", false, "What it covers, in one sentence."),
	TEXTS(document_row, aka, "aka", "What people call its product: words that find its needs."),
	TEXTS(document_row, supersedes, "supersedes", "Ids of the older versions that this one replaces by default."),
	{ .key = "functions",
	  .type = FIELD_FLAG,
	  .offset = offsetof(struct document_row, functions),
	  .help = "Its sections are named after functions of Windows: reports state which of them stops." },
	CHOICE(document_row, scope, "scope", scope_words, "The scope of its needs, unless they set another."),
	{ .key = "sections",
	  .type = FIELD_RECORDS,
	  .offset = offsetof(struct document_row, sections),
	  .required = true,
	  .record = &section_row_record,
	  .help = "Its parts, in its own order." },
};
const struct record document_record = RECORD(document_row, "a document");
