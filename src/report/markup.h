/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text inside XML and HTML.
 */
#pragma once

#include "base/out.h"

/*
 * Text, or an attribute between double quotes, whatever bytes it has: & < > " and '
 * become references; bytes that are not UTF-8 and characters that XML does not
 * allow become U+FFFD.
 */
void put_markup(struct out *o, struct str s);
void put_markup_text(struct out *o, const char *s);

/*
 * The text unescaped, with characters that XML or UTF-8 does not allow replaced; a view of s
 * if there are none.
 */
struct str markup_plain(struct arena *a, struct str s);

/* ' name="value"' */
void put_attribute(struct out *o, const char *name, struct str value);

/* At most that many columns; what is longer ends in an ellipsis. */
struct str shortened(struct arena *a, struct str s, size_t columns);
