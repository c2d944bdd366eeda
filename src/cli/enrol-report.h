/* SPDX-License-Identifier: Apache-2.0 */
/* What `portolan enrol` says of a pair or of a request. */
#pragma once

#include "enrol/enrol.h"
#include "enrol/rehearse.h"

struct enrol_report {
	struct enrol_call *call;
	enum enrol_end end;
};

void enrol_report_text(void *answer, struct out *o);
void enrol_report_json(void *answer, struct out *o);
void rehearsal_text(void *answer, struct out *o);
void rehearsal_json(void *answer, struct out *o);
