/* SPDX-License-Identifier: Apache-2.0 */
/* One internal request, from whatever a protocol carried. */
#pragma once

#include "authority/front/exchange.h"
#include "pki/request.h"

/*
 * Reads the request and asks the clerk.  template: a name that the protocol gave beside it, or empty; renewal: it may be nothing else.  False with a fault.
 */
bool enrolling_ask(struct exchange *ex, const char *protocol, enum enrolment_way way, struct str der,
		   struct str template, struct str message_id, bool cmc, bool renewal, struct request_fault *fault);
