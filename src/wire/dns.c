/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/dns.h"

enum { LABEL_MAX = 63, POINTER = 0xc0 };

/* Adds a label to the text.  False when the name becomes too long. */
static bool add_label(char *buf, size_t *n, struct str label)
{
	if (*n && *n < DNS_NAME_MAX)
		buf[(*n)++] = '.';
	for (size_t i = 0; i < label.n; i++) {
		bool escape = label.p[i] == '.' || label.p[i] == '\\';
		if (*n + 1 + escape > DNS_NAME_MAX)
			return false;
		if (escape)
			buf[(*n)++] = '\\';
		buf[(*n)++] = label.p[i];
	}
	return true;
}

/* Reads labels up to the root or a pointer.  Returns the pointer's offset, SIZE_MAX at the root. */
static size_t get_labels(struct cursor *c, char *buf, size_t *n)
{
	for (;;) {
		uint8_t length = get_u8(c);
		if (c->bad || length == 0)
			return SIZE_MAX;
		if (length >= POINTER)
			return (size_t)(length & ~POINTER) << 8 | get_u8(c);
		struct str label = get_bytes(c, length);
		if (length > LABEL_MAX || !add_label(buf, n, label)) {
			cursor_spoil(c);
			return SIZE_MAX;
		}
	}
}

size_t dns_get_name(struct cursor *c, struct str message, char buf[DNS_NAME_MAX + 1])
{
	size_t n = 0;
	size_t before = (size_t)((const char *)c->p - message.p);
	size_t to = get_labels(c, buf, &n);
	for (unsigned jumps = 0; to != SIZE_MAX && !c->bad; jumps++) {
		/* Each pointer leads further back than the one before: the loop ends. */
		if (to >= before || jumps == DNS_JUMPS_MAX) {
			cursor_spoil(c);
			break;
		}
		struct cursor there = cursor_of(message.p + to, message.n - to);
		before = to;
		to = get_labels(&there, buf, &n);
		if (there.bad)
			cursor_spoil(c);
	}
	if (c->bad)
		n = 0;
	buf[n] = '\0';
	return n;
}

void dns_put_name(struct buffer *to, struct str name)
{
	if (str_ends(name, "."))
		name.n--;
	if (name.n + 2 > DNS_NAME_MAX) {
		to->full = true;
		return;
	}
	struct str label;
	while (str_cut(&name, '.', &label)) {
		if (label.n == 0 || label.n > LABEL_MAX)
			to->full = true;
		put_u8(to, (uint8_t)label.n);
		put_str(to, label);
	}
	put_u8(to, 0);
}

void dns_put_query(struct buffer *to, uint16_t id, struct str name, enum dns_type type)
{
	put_be16(to, id);
	put_be16(to, 0x0100); /* recursion desired */
	put_be16(to, 1);
	put_zeros(to, 6);
	dns_put_name(to, name);
	put_be16(to, (uint16_t)type);
	put_be16(to, 1); /* IN */
}

bool dns_open(struct str bytes, struct dns_message *ret)
{
	struct cursor c = cursor_of(bytes.p, bytes.n);
	*ret = (struct dns_message){ .bytes = bytes, .id = get_be16(&c), .flags = get_be16(&c) };
	ret->response = ret->flags & 0x8000;
	ret->authoritative = ret->flags & 0x0400;
	ret->truncated = ret->flags & 0x0200;
	ret->rcode = ret->flags & 15;
	unsigned questions = get_be16(&c);
	ret->n_answers = get_be16(&c);
	ret->n_authority = get_be16(&c);
	ret->n_additional = get_be16(&c);
	char name[DNS_NAME_MAX + 1];
	for (unsigned i = 0; i < questions && !c.bad; i++) {
		dns_get_name(&c, bytes, i ? name : ret->question);
		uint16_t type = get_be16(&c);
		if (i == 0)
			ret->question_type = type;
		skip_bytes(&c, 2);
	}
	ret->rest = c;
	return !c.bad;
}

static void get_data(struct dns_record *r, struct str message)
{
	struct cursor data = r->data;
	if (r->type == DNS_SRV) {
		r->priority = get_be16(&data);
		r->weight = get_be16(&data);
		r->port = get_be16(&data);
	}
	if (r->type == DNS_SRV || r->type == DNS_PTR) {
		dns_get_name(&data, message, r->target);
		r->data.bad |= data.bad;
	}
}

bool dns_next(struct dns_message *m, struct dns_record *ret)
{
	uint16_t *left = m->n_answers ? &m->n_answers : m->n_authority ? &m->n_authority : &m->n_additional;
	if (*left == 0 || m->rest.bad)
		return false;
	--*left;
	*ret = (struct dns_record){ 0 };
	dns_get_name(&m->rest, m->bytes, ret->name);
	ret->type = get_be16(&m->rest);
	ret->class = get_be16(&m->rest);
	ret->ttl = get_be32(&m->rest);
	ret->data = get_part(&m->rest, get_be16(&m->rest));
	if (!m->rest.bad)
		get_data(ret, m->bytes);
	if (ret->data.bad)
		cursor_spoil(&m->rest);
	return !m->rest.bad;
}

void dns_put_reply(struct buffer *to, const struct dns_message *query, struct str question, enum dns_rcode rcode,
		   unsigned answers, unsigned additional)
{
	put_be16(to, query->id);
	put_be16(to, (uint16_t)(0x8400 | (query->flags & 0x0100) | rcode)); /* authoritative */
	put_be16(to, 1);
	put_be16(to, (uint16_t)answers);
	put_be16(to, 0);
	put_be16(to, (uint16_t)additional);
	dns_put_name(to, question);
	put_be16(to, query->question_type);
	put_be16(to, 1);
}

/* Up to the data, whose length is filled in later. */
static size_t begin_record(struct buffer *to, struct str name, enum dns_type type)
{
	if (name.p)
		dns_put_name(to, name);
	else
		put_be16(to, 0xc00c); /* the question's name */
	put_be16(to, (uint16_t)type);
	put_be16(to, 1);
	put_be32(to, 0); /* not to be kept */
	return hole_be16(to);
}

void dns_put_srv(struct buffer *to, struct str name, struct str target, uint16_t port)
{
	size_t length = begin_record(to, name, DNS_SRV);
	put_be16(to, 0);
	put_be16(to, 100);
	put_be16(to, port);
	dns_put_name(to, target);
	fill_be16(to, length, 0);
}

void dns_put_txt(struct buffer *to, struct str name, struct str text)
{
	size_t length = begin_record(to, name, DNS_TXT);
	put_u8(to, (uint8_t)MIN(text.n, (size_t)255));
	put_str(to, str_first(text, 255));
	fill_be16(to, length, 0);
}

const char *dns_rcode_name(unsigned rcode)
{
	static const char *const names[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED" };
	return rcode < ARRAY_LEN(names) ? names[rcode] : NULL;
}
