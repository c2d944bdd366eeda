/* SPDX-License-Identifier: Apache-2.0 */
/* What portolan probe does, and portolan diagnose, which is probe --explain by its other name. */
#pragma once

#include "cli/command.h"

/*
 * The operands are those of probe.  code: of an error that is to be explained; place: where to answer Prometheus, in
 * place of a report.  NULL: none.
 */
enum status probe_run(struct invocation *call, const char *code, const char *place);

/* clang-format would take the braces of rows for blocks. */
/* clang-format off */
#define PROBE_OPTIONS \
	{ "from", 0, "HOST", NULL, "only as this host of the estate, which has an address of this machine" }, \
	{ "as", 0, "HOST", NULL, "assume that this machine is that host" }, \
	{ "to", 0, "PLACE", NULL, "only flows to this host, zone or role" }, \
	{ "service", 's', "SERVICE", NULL, "only flows on this service" }, \
	{ "flow", 0, "ID", NULL, "only this flow" }, \
	{ "source", 0, "ADDRESS", NULL, "send from this address of the machine" }, \
	{ "sample", 0, "N", NULL, "probe N machines of a subnet and N ports of a range (3)" }, \
	{ "targets", 0, "FILE", NULL, "addresses of machines in subnets of the estate, one a line" }, \
	{ "negative", 0, "N", NULL, "also try N flows that the plan does not need, which should fail" }, \
	{ "in-flight", 0, "N", NULL, "probes at a time (64)" }, \
	{ "rate", 0, "N", NULL, "UDP probes a second to one address (5); 0: as fast as possible" }, \
	{ "timeout", 't', "SECONDS", NULL, "how long to wait for a reply (3.5)" }, \
	{ "tries", 0, "N", NULL, "datagrams of a UDP probe (3), connections of a TCP probe (1)" }, \
	{ "no-trace", 0, NULL, NULL, "do not look for the last hop that replies" }, \
	{ "path", 0, "PATH", NULL, "what web servers are asked for, such as /pki/ca.crl" }, \
	{ "secret-file", 0, "FILE", NULL, "the secret that RADIUS servers share with this machine" }, \
	{ "token-file", 0, "FILE", NULL, \
	  "the token that portolan listen was started with; it replies where no protocol does" }, \
	{ "posture", 0, NULL, NULL, "also ask serving services for weak settings, which costs connections" }, \
	{ "principal", 0, "NAME", NULL, "the account whose RC4 --posture asks for" }, \
	{ "ca", 0, "FILE", NULL, "trust the certificates of FILE (PEM) instead of the system's" }, \
	{ "dry-run", 'n', NULL, NULL, "send nothing; print each flow, its first packet, and what may follow" }, \
	{ "strict", 0, NULL, NULL, "status 2 also for what no probe can prove" }, \
	{ "no-times", 0, NULL, NULL, "leave out durations, packets and clocks, so that two runs compare equal" }, \
	{ "redact", 0, NULL, NULL, "leave out addresses and what servers say" }, \
	OPTION_FORMAT("text json jsonl junit csv prometheus"), \
	OPTION_OUTPUT, \
	OPTION_AS_DOCUMENTED, \
	OPTION_CATALOGUE
/* clang-format on */
