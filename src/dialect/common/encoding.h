/* SPDX-License-Identifier: Apache-2.0 */
/* Files as people send them: UTF-16, with its byte order mark or without, UTF-8 with one, lone CRs. */
#pragma once

#include "base/source.h"

/* False for UTF-16, and for UTF-8 with a mark. */
bool is_utf8_text(struct str text);

/* A file's text in UTF-8 with LF, in the arena; the same source when it is in this form already. */
const struct source *source_decode(struct arena *a, const struct source *s);
