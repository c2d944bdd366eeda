/* SPDX-License-Identifier: Apache-2.0 */
/* One line for each format, in the order of the help. */
#define PROOF_FORMATS(X) \
	X(text)          \
	X(json)          \
	X(sarif)         \
	X(junit)         \
	X(markdown)      \
	X(html)          \
	X(patch)
