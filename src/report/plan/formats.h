/* SPDX-License-Identifier: Apache-2.0 */
/* One line a form, in the order that they are listed to people. */
#define PLAN_FORMATS(X) \
	X(text)         \
	X(json)         \
	X(csv)          \
	X(xlsx)         \
	X(markdown)     \
	X(html)         \
	X(svg)          \
	X(dot)
