/* SPDX-License-Identifier: Apache-2.0 */
/* Values of certificate extensions, as DER: what templates promise to clients and certificates carry. */
#pragma once

#include "base/str.h"

/* 2.5.29.37: the EKUs, dotted. */
struct str extension_ekus(struct arena *a, const struct str *oids, size_t n);

/* 1.3.6.1.4.1.311.21.10 (MS-WCCE 2.2.2.7.7.3): the same as policies. */
struct str extension_application_policies(struct arena *a, const struct str *oids, size_t n);

/* 2.5.29.15, from bits as X509v3 KeyUsage has them. */
struct str extension_usages(struct arena *a, uint64_t bits);

/* 1.3.6.1.4.1.311.21.7 (MS-WCCE 2.2.2.7.7.2), and 1.3.6.1.4.1.311.20.2 (2.2.2.7.7.1). */
struct str extension_template(struct arena *a, struct str oid, uint64_t major, uint64_t minor);
struct str extension_template_name(struct arena *a, struct str name);
