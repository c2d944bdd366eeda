/* SPDX-License-Identifier: Apache-2.0 */
/* One line for each command, in the order of the help. */
#define COMMANDS(X)   \
	X(init)       \
	X(ports)      \
	X(plan)       \
	X(lint)       \
	X(why)        \
	X(emit)       \
	X(prove)      \
	X(check)      \
	X(probe)      \
	X(diagnose)   \
	X(listen)     \
	X(ca)         \
	X(enrol)      \
	X(diff)       \
	X(convert)    \
	X(list)       \
	X(dialects)   \
	X(schema)     \
	X(completion) \
	X(help)
