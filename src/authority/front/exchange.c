/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/front/exchange.h"

void exchange_ask(struct exchange *ex, enum message_type type, const void *message)
{
	ex->calls->ask(ex, type, message);
}

void exchange_answer(struct exchange *ex, unsigned status, const char *type, struct str body)
{
	ex->calls->answer(ex, status, type, body);
}

bool exchange_answer_crl(struct exchange *ex, size_t key, const char *type)
{
	return ex->calls->answer_crl(ex, key, type);
}

void exchange_field(struct exchange *ex, const char *name, struct str value)
{
	ex->calls->field(ex, name, value);
}

void exchange_note(struct exchange *ex, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	ex->calls->note(ex, str_of(arena_vprintf(ex->arena, fmt, ap)));
	va_end(ap);
}
