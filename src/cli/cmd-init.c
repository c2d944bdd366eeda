/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan init: a small estate to start from.
 */
#include <errno.h>

#include "base/system.h"
#include "cli/estate.h"

/* Plans without advice: tests/golden/init checks it. */
static const char starter[] =
	"# yaml-language-server: $schema=estate.schema.json\n"
	"#\n"
	"# An estate: its hosts, their roles, and the firewalls between the zones\n"
	"# of its network.  portolan-estate(5) lists every key.  To see the plan:\n"
	"#\n"
	"#     portolan plan estate.yaml\n"
	"#     portolan plan estate.yaml --format html -o plan.html\n"
	"\n"
	"estate: example\n"
	"\n"
	"# Zones are the parts of the network that firewalls separate.  A host belongs to\n"
	"# the zone whose subnet contains its address; the longest prefix wins.\n"
	"zones:\n"
	"  servers:  { subnets: [10.1.0.0/16] }\n"
	"  clients:  { subnets: [10.20.0.0/16] }\n"
	"  internet: { subnets: [any] }            # every address in no other zone\n"
	"\n"
	"# Roles are the functions of a host: \"portolan ports ROLE\" shows what each needs.\n"
	"hosts:\n"
	"  dc1:\n"
	"    address: 10.1.0.10\n"
	"    os: windows-server-2022               # determines the dynamic port range\n"
	"    roles: [domain-controller, global-catalog-server, dns-server]\n"
	"\n"
	"  files1:\n"
	"    address: 10.1.0.20\n"
	"    os: windows-server-2022\n"
	"    roles: [file-server]\n"
	"\n"
	"  desktops:                               # one entry for a subnet of identical machines\n"
	"    address: 10.20.0.0/16\n"
	"    os: windows-11\n"
	"    roles: [domain-member]\n"
	"    uses: [file-server]                   # servers whose users no document names\n"
	"\n"
	"firewalls:\n"
	"  edge: { zones: [servers, clients, internet], dialect: nftables }\n"
	"\n"
	"# Flows that are in no document, each with a reason and an owner:\n"
	"# allow:\n"
	"#   - { from: desktops, to: files1, protocol: tcp, ports: 8443, why: web front end, owner: files team }\n"
	"\n"
	"# What must never pass; a plan that needs it is an error:\n"
	"# forbid:\n"
	"#   - { from: internet, to: dc1, why: tier 0 }\n";

static bool make_folder(struct invocation *call, const char *path)
{
	if (system_make_folder(path, 0777))
		return true;
	if (errno == EEXIST && system_path(path).kind == PATH_FOLDER)
		return true;
	if (errno == EEXIST)
		return diag_error(call->diag, NOWHERE, "\"%s\" exists and is not a folder", path);
	return diag_machine(call->diag, errno, "cannot make the folder \"%s\"", path);
}

static bool may_write(struct invocation *call, const char *path)
{
	if (system_path(path).kind == PATH_ABSENT)
		return true;
	diag_error(call->diag, NOWHERE, "\"%s\" exists and is not overwritten", path);
	return false;
}

static enum status run(struct invocation *call)
{
	const char *estate = arena_printf(call->arena, "%s/estate.yaml", call->operands[0]);
	const char *schema = arena_printf(call->arena, "%s/estate.schema.json", call->operands[0]);
	struct file f;

	if (!make_folder(call, call->operands[0]) || !may_write(call, estate) || !may_write(call, schema))
		return STATUS_INPUT;
	if (!file_create(&f, call->arena, estate, call->diag))
		return STATUS_MACHINE;
	out_text(&f.out, starter);
	if (!file_commit(&f, call->diag) || !file_create(&f, call->arena, schema, call->diag))
		return STATUS_MACHINE;
	command_schema_write(call->arena, &f.out, &catalogue_builtin);
	file_commit(&f, call->diag);
	printf("wrote %s and %s; next:\n  portolan plan %s\n", estate, schema, estate);
	return STATUS_WELL;
}

static const struct option_row options[] = { OPTIONS_END };

const struct command command_init = {
	.name = "init",
	.summary = "write a small commented estate to start from",
	.arguments = "DIR",
	.about = "Creates the folder DIR with estate.yaml, a small estate that plans as it is, and the schema that "
		 "lets an "
		 "editor complete and check it. Existing files are not overwritten.",
	.options = options,
	.least = 1,
	.most = 1,
	.run = run,
};
