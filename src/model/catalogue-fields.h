/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The maps of the catalogue's files, as tables of fields (doc/fields.h).  The
 * reader decodes with them, and the manual page is tested against them.
 */
#pragma once

#include "doc/fields.h"
#include "model/catalogue.h"

struct system_row {
	struct name id, name, source;
	struct number generation;
	struct port_range dynamic_tcp, dynamic_udp;
};

struct setting_row {
	struct name id, text, source, pins;
};

struct interface_row {
	struct name id, uuid, version, title, source;
	struct flag dcom;
};

struct endpoint_row {
	struct name protocol, ports, where, note;
	struct flag changeable;
};

struct service_row {
	struct name id, name, application, follows;
	struct names aka;
	struct number resolves, following;
	struct records endpoints; /* of struct endpoint_row */
};

struct program_row {
	struct name id, program, source;
	struct names windows_services, services, roles, interfaces, protocols;
	struct flag shared;
};

struct error_row {
	struct name id, meaning, where, otherwise, uncertain, source;
	struct names win32, codes, events, names, flows;
};

struct role_row {
	struct name id, name, product, note, old_system, ended, ended_source, ended_document, ended_system;
	struct names aka, implies, implies_joined, implies_old, not_asked_by;
	struct flag instanced;
	struct number kind, located;
};

struct need_row {
	struct loc at;
	struct name service, protocol, ports, change;
	struct number line, initiator, scope, administration, erratum;
	struct name from, to, section, source, why, note, uncertain, unplanned, plan_default;
	struct names from_members, to_members, clients, when, forward, back, interfaces, names;
};

struct section_row {
	struct name title, part, source, from, to, why, unplanned;
	struct number initiator, scope, administration;
	struct names from_members, to_members, clients, when, forward, back, interfaces, names;
	struct records needs; /* of struct need_row */
};

struct document_row {
	struct name id, title, product, date, source, about;
	struct names aka, supersedes;
	struct flag functions;
	struct number scope;
	struct records sections; /* of struct section_row */
};

extern const struct record systems_record, settings_record, interfaces_record, services_record, roles_record,
	programs_record, errors_record, document_record;
