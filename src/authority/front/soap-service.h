/* SPDX-License-Identifier: Apache-2.0 */
/* What CEP and CES have in common: an envelope in, an envelope or a fault out. */
#pragma once

#include "authority/front/exchange.h"
#include "soap/envelope.h"

/*
 * Reads the envelope of a POST; GET and HEAD are answered, with a text and without a challenge: Windows looks at a service first.  False
 * when the exchange was answered.
 */
bool soap_begin_exchange(struct exchange *ex, struct soap_request *ret);

/* HTTP status 500, whatever the fault: clients read faults only there. */
void soap_answer_fault(struct exchange *ex, const struct soap_fault *fault);
void soap_answer(struct exchange *ex, struct out *envelope);

/* What the clerk refused. */
void soap_answer_refusal(struct exchange *ex, const struct tell_enrol *told);
void soap_answer_failure(struct exchange *ex, const struct call_failed *failed);

/* "The request was denied. 0x80094014 (CERTSRV_E_ADMIN_DENIED_REQUEST)" */
struct str soap_reason(struct arena *a, struct str text, uint64_t code);

enum enrolment_way soap_way(const struct exchange *ex);
bool soap_wants_certificate(const struct web_request *r);
