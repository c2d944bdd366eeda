/* SPDX-License-Identifier: Apache-2.0 */
/* RequestSecurityToken and its answers (MS-WSTEP 3.1.4), both directions. */
#pragma once

#include "soap/envelope.h"

enum wstep_kind { WSTEP_ISSUE, WSTEP_QUERY, WSTEP_KEY_EXCHANGE };

struct wstep_request {
	enum wstep_kind kind;
	struct str token;       /* base64, of WSTEP_ISSUE */
	struct str template;    /* of the additional context; empty: none */
	bool several_templates; /* it names more than one */
	uint64_t request_id;    /* of WSTEP_QUERY */
};

bool wstep_read_request(struct arena *a, const struct xml *body, struct str action, struct wstep_request *ret,
			struct soap_fault *fault);

struct wstep_answer {
	bool issued;        /* else pending */
	struct str message; /* DispositionMessage */
	struct str cmc;     /* CMC full response, DER; empty: none */
	struct str leaf;    /* DER */
	struct str poll;    /* pending: where to ask */
	uint64_t request_id;
};

void wstep_write_answer(struct arena *a, struct out *o, const struct wstep_answer *answer, struct str relates_to);

/* request: DER of a PKCS#10 or a CMS; empty: asks for the status of request_id. */
void wstep_write_request(struct arena *a, struct out *o, struct str message_id, struct str to, struct str username,
			 struct str password, struct str request, bool cms, uint64_t request_id);

/* An answer, by a client.  NULL, or what is wrong with it. */
const char *wstep_read_answer(struct arena *a, const struct xml *body, struct wstep_answer *ret);
