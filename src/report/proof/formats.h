/* SPDX-License-Identifier: Apache-2.0 */
/* One line a form, in the order that they are listed to people. */
#define PROOF_FORMATS(X) \
	X(text)          \
	X(json)          \
	X(sarif)         \
	X(junit)         \
	X(markdown)      \
	X(html)
