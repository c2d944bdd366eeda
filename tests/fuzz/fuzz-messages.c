/* SPDX-License-Identifier: Apache-2.0 */
/* Messages between processes; the first byte is the type.  What is read is written as the same bytes. */
#include "fuzz.h"

#include "authority/messages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct message_shape *shape = size ? message_shape(data[0]) : NULL;
	if (!shape)
		return 0;
	struct str bytes = { (const char *)data + 1, size - 1 };
	struct arena *a = arena_new();
	void *message = arena_alloc(a, shape->size);
	if (message_read(a, shape, bytes, message)) {
		struct out o = out_memory(1 << 26);
		message_write(&o, shape, message);
		if (!str_eq(bytes, out_view(&o)))
			abort();
		out_free(&o);
	}
	arena_free(a);
	return 0;
}
