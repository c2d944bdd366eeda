/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/front/enrolling.h"

#include <openssl/sha.h>

static struct str sha256(struct arena *a, struct str bytes)
{
	unsigned char *hash = arena_alloc(a, SHA256_DIGEST_LENGTH);
	SHA256((const unsigned char *)bytes.p, bytes.n, hash);
	return (struct str){ (const char *)hash, SHA256_DIGEST_LENGTH };
}

static struct hints hints_of(struct arena *a, const struct cert_request *r, struct str template, struct str fallback)
{
	struct hints h = { ARENA_ARRAY(a, struct hint, r->n_hints + 1), 0 };
	for (size_t i = 0; i < r->n_hints; i++)
		h.v[h.n++] = (struct hint){ .name = r->hints[i].name,
					    .oid = r->hints[i].oid,
					    .has_version = r->hints[i].has_version,
					    .major = r->hints[i].major,
					    .minor = r->hints[i].minor };
	if (template.n > 0 && h.n < REQUEST_TEMPLATES_MAX)
		h.v[h.n++] = (struct hint){ .name = template };
	if (h.n == 0 && fallback.n > 0)
		h.v[h.n++] = (struct hint){ .name = fallback };
	return h;
}

bool enrolling_ask(struct exchange *ex, const char *protocol, enum enrolment_way way, struct str der,
		   struct str template, struct str message_id, bool cmc, bool renewal, struct request_fault *fault)
{
	struct cert_request r;
	if (!request_read(ex->arena, der, &r, fault))
		return false;
	if (template.n > 0 && r.n_hints == REQUEST_TEMPLATES_MAX) {
		*fault = (struct request_fault){ HR_TEMPLATE_CONFLICT, "a template that is named too many times" };
		return false;
	}
	exchange_ask(ex, ASK_ENROL,
		     &(struct ask_enrol){
			     .who = ex->request.who,
			     .way = way,
			     .renewal = renewal,
			     .renewal_only = ex->request.instance->renewal_only.on,
			     .protocol = str_of(protocol),
			     .message_id = message_id,
			     .body_hash = sha256(ex->arena, der),
			     .csr = r.csr,
			     .key = r.key,
			     .key_algorithm = r.key_algorithm,
			     .key_bits = r.key_bits,
			     .subject = r.subject,
			     .alternatives = r.alternatives,
			     .hints = hints_of(ex->arena, &r, template, ex->request.instance->fallback.s),
			     .renewed = r.renewed,
			     .renewed_signed = r.renewed_signed,
			     .sha1 = r.sha1,
			     .cmc = cmc,
		     });
	return true;
}
