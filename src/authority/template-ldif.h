/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Templates of a directory: pKICertificateTemplate objects (MS-CRTD 2) of an LDIF export (RFC 2849), as templates of this
 * authority.  What a flag became is said of each that is set, also where it became nothing.
 */
#pragma once

#include "base/diag.h"

enum { LDIF_FILE_MAX = 16 << 20, LDIF_VALUE_MAX = 64 << 10, LDIF_TEMPLATES_MAX = 200 };

struct imported_template {
	struct str name;
	struct str yaml;     /* the file; its comments are the notes */
	const char *refused; /* why there is none; NULL: there is one */
	struct str *notes;
	size_t n_notes;
};

struct imported_templates {
	struct imported_template *v;
	size_t n;
};

/* False after errors: what is not LDIF, or beyond a limit. */
bool templates_import(struct arena *a, const struct source *s, struct imported_templates *ret, struct diag *d);
