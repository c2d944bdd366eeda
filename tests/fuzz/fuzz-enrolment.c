/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What enrolment clients and servers send: certificate requests, envelopes and their bodies.  The first byte
 * chooses one.
 */
#include "fuzz.h"

#include "pki/request.h"
#include "soap/wstep.h"
#include "soap/xcep.h"

static void read_request(struct arena *a, struct str bytes)
{
	struct cert_request r;
	struct request_fault fault;
	if (request_read(a, bytes, &r, &fault) != (fault.text == NULL))
		abort();
}

static void read_envelope(struct arena *a, struct str bytes)
{
	struct soap_request r;
	struct soap_fault fault = { 0 };
	struct xcep_request policy;
	struct wstep_request token;
	struct str der;
	if (!soap_read_request(a, bytes, &r, &fault)) {
		if (fault.text.n == 0)
			abort();
		return;
	}
	xcep_read_request(a, r.body, &policy, &fault);
	if (wstep_read_request(a, r.body, r.action, &token, &fault) && token.kind == WSTEP_ISSUE)
		base64_read(a, token.token, REQUEST_BYTES_MAX, &der);
}

static void read_answer(struct arena *a, struct str bytes)
{
	struct soap_fault fault;
	struct policy_view policy;
	struct wstep_answer answer;
	bool is_fault;
	const char *why = NULL;
	struct xml *body = soap_read_answer(a, bytes, &fault, &is_fault, &why);
	if (!body && !why)
		abort();
	if (!body || is_fault)
		return;
	xcep_read_answer(a, body, &policy);
	wstep_read_answer(a, body, &answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(struct arena *, struct str) = { read_request, read_envelope, read_answer };
	if (size == 0)
		return 0;
	struct arena *a = arena_new();
	readers[data[0] % ARRAY_LEN(readers)](a, (struct str){ (const char *)data + 1, size - 1 });
	arena_free(a);
	return 0;
}
