/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the stand-ins of all protocols say to the listener.
 */
#include "listen/stand-in.h"

struct buffer *session_send(struct session *s)
{
	if (!s->send.p)
		s->send = buffer_over(arena_alloc(s->arena, SESSION_SEND_MAX), SESSION_SEND_MAX);
	return &s->send;
}

void session_foreign(struct session *s)
{
	s->close = true;
	s->heard = NULL;
}

struct str planned_name(const struct planned *p)
{
	return p->name.n ? p->name : p->host;
}

struct str planned_label(struct arena *a, struct str name)
{
	enum { NETBIOS_NAME = 15 };
	struct str label = str_first(name, MIN(str_find(name, '.'), (size_t)NETBIOS_NAME));
	char *text = arena_memdup(a, label.p, label.n);
	for (size_t i = 0; i < label.n; i++)
		if (text[i] >= 'a' && text[i] <= 'z')
			text[i] = (char)(text[i] - 'a' + 'A');
	return (struct str){ text, label.n };
}
