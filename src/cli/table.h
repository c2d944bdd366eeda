/* SPDX-License-Identifier: Apache-2.0 */
/* One line a command, in the order that they are listed to people. */
#define COMMANDS(X)   \
	X(init)       \
	X(ports)      \
	X(plan)       \
	X(lint)       \
	X(why)        \
	X(emit)       \
	X(prove)      \
	X(diff)       \
	X(convert)    \
	X(dialects)   \
	X(schema)     \
	X(completion) \
	X(help)
