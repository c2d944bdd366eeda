/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an authority reads: its configuration, templates, LDIF, OCSP requests, certificates, names; the first byte says which.
 * A reader of a file refuses exactly when it has added an error.
 */
#include "fuzz.h"

#include "authority/config.h"
#include "authority/operations.h"
#include "authority/template-ldif.h"
#include "authority/template.h"
#include "pki/certificate.h"
#include "pki/ocsp.h"

static void read_import(struct arena *a, const struct source *s, struct diag *d)
{
	struct imported_templates all = { 0 };
	if (templates_import(a, s, &all, d) != (diag_errors(d) == 0))
		abort();
	for (size_t i = 0; i < all.n; i++) {
		struct template t;
		struct diag *own = diag_new(a);
		/* what is imported can be read; whether the authority takes it is another question */
		if (!all.v[i].refused)
			template_read(a, source_of_text(a, "imported", all.v[i].yaml), &t, own);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	struct str bytes = { (const char *)data + 1, size - 1 };
	const struct source *s = source_of_text(a, "input", bytes);
	struct template t;
	struct certificate c;
	struct ocsp_request r;
	struct ask_certificate ask;
	switch (data[0]) {
	case 'c':
		if ((authority_config_of(a, "folder", s, d) != NULL) != (diag_errors(d) == 0))
			abort();
		break;
	case 't':
		if (template_read(a, s, &t, d) != (diag_errors(d) == 0))
			abort();
		break;
	case 'l':
		read_import(a, s, d);
		break;
	case 'x':
		certificate_read(a, bytes, &c);
		break;
	case 'o': {
		X509 *issuer = X509_new();
		ocsp_request_read(a, bytes, issuer, &r);
		X509_free(issuer);
		break;
	}
	case 'n':
		allowed_name_refused(bytes);
		break;
	case 'a':
		ask_unpacked(a, bytes, &ask);
		break;
	}
	arena_free(a);
	return 0;
}
