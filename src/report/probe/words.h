/* SPDX-License-Identifier: Apache-2.0 */
/* What the forms of a probe's results say in the same words. */
#pragma once

#include "report/probe/format.h"

enum probe_judgement probe_judge_at(const struct probe_report *r, size_t i);

/* What was found, for people, as it may reach a terminal. */
struct str probe_text(struct arena *a, const struct probe_report *r, size_t i);

/* "10.1.0.10"; empty when there is none, or it is not to be named. */
struct str probe_address(struct arena *a, const struct probe_report *r, size_t i);

/* Who sent the ICMP message, or the last hop: its address, or with --redact its host. */
struct str probe_where(struct arena *a, const struct probe_report *r, size_t i);

/* "edge denies it: edge.nft:12" */
struct str cause_text(struct arena *a, const struct probe_cause *cause);

/* "3/13"; empty when there was no ICMP message. */
struct str icmp_text(struct arena *a, const struct probe_result *r);

/* "tcp 389"; "icmp". */
struct str probe_port(struct arena *a, const struct probe_report *r, size_t i);

/* "tcp" */
const char *probe_protocol(const struct probe_task *task, char buf[PROTOCOL_TEXT]);

extern const char *const advice_names[]; /* by enum advice_level */
