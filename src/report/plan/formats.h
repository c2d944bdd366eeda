/* SPDX-License-Identifier: Apache-2.0 */
/* One line for each format, in the order of the help. */
#define PLAN_FORMATS(X) \
	X(text)         \
	X(json)         \
	X(csv)          \
	X(xlsx)         \
	X(markdown)     \
	X(html)         \
	X(sarif)        \
	X(svg)          \
	X(dot)
