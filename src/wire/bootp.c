/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/bootp.h"

bool bootp_read(struct str datagram, struct bootp *ret)
{
	struct cursor c = cursor_of(datagram.p, datagram.n);
	*ret = (struct bootp){ .operation = get_u8(&c) };
	skip_bytes(&c, 3);
	ret->transaction = get_be32(&c);
	skip_bytes(&c, BOOTP_HEAD - 8);
	if (get_be32(&c) != BOOTP_MAGIC)
		return false;
	for (uint8_t option; (option = get_u8(&c)) != OPTION_END && !c.bad;) {
		if (option == OPTION_PAD)
			continue;
		struct cursor value = get_part(&c, get_u8(&c));
		if (option == OPTION_TYPE)
			ret->type = get_u8(&value);
		else if (option == OPTION_SERVER)
			ret->server = get_be32(&value);
		else if (option == OPTION_CLASS)
			ret->class = get_bytes(&value, value.n);
		else if (option == OPTION_MESSAGE)
			ret->message = get_bytes(&value, value.n);
	}
	return !c.bad;
}

void bootp_end(struct buffer *to)
{
	put_u8(to, OPTION_END);
	if (to->n < BOOTP_PACKET)
		put_zeros(to, BOOTP_PACKET - to->n);
}
