/* SPDX-License-Identifier: Apache-2.0 */
#include <ares.h>
#include <ares_dns.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/select.h>
#include <sys/socket.h>

#include "probe/names.h"
#include "probe/timer.h"

struct asking {
	struct arena *arena;
	struct name_lookup *name;
};

static int addr_cmp(const void *left, const void *right)
{
	const struct addr *a = left, *b = right;
	return a->family != b->family ? CMP(a->family, b->family) : CMP(a->n, b->n);
}

static void take(struct asking *asked, const struct sockaddr *from, struct addr *ret, size_t *n)
{
	struct addr found = { 0 };
	if (*n == NAMES_ADDRESSES_MAX)
		return;
	if (from->sa_family == AF_INET) {
		found = (struct addr){ IPV4, ntohl(((const struct sockaddr_in *)from)->sin_addr.s_addr) };
	} else if (from->sa_family == AF_INET6) {
		found.family = IPV6;
		for (int i = 0; i < 16; i++)
			found.n = found.n << 8 | ((const struct sockaddr_in6 *)from)->sin6_addr.s6_addr[i];
	} else {
		return;
	}
	ret[(*n)++] = found;
}

static void answered(void *ctx, int status, int timeouts, struct ares_addrinfo *result)
{
	struct asking *asked = ctx;
	if (status == ARES_EDESTRUCTION)
		return; /* it did not reply in time */
	if (status != ARES_SUCCESS) {
		asked->name->why = str_of(ares_strerror(status));
		return;
	}
	struct addr *found = ARENA_ARRAY(asked->arena, struct addr, NAMES_ADDRESSES_MAX);
	size_t n = 0;
	for (struct ares_addrinfo_node *node = result->nodes; node; node = node->ai_next)
		take(asked, node->ai_addr, found, &n);
	sort_items(found, n, sizeof *found, addr_cmp);
	asked->name->v = found;
	asked->name->n = n;
	if (!n)
		asked->name->why = STR("it has no address");
	ares_freeaddrinfo(result);
}

static void wait_for(ares_channel channel, int64_t until)
{
	for (;;) {
		fd_set readable, writable;
		int64_t left = until - clock_now();
		FD_ZERO(&readable);
		FD_ZERO(&writable);
		int most = ares_fds(channel, &readable, &writable);
		if (most == 0 || left <= 0)
			return;
		struct timeval at_most = { left / 1000000, left % 1000000 }, next;
		int n = select(most, &readable, &writable, NULL, ares_timeout(channel, &at_most, &next));
		if (n < 0)
			return;
		ares_process(channel, &readable, &writable);
	}
}

bool names_resolve(struct arena *a, struct name_lookup *names, size_t n, unsigned timeout, struct str *why)
{
	ares_channel channel;
	struct ares_options options = { .timeout = (int)MAX(timeout / 4, 1u), .tries = 2 };
	struct ares_addrinfo_hints hints = { .ai_family = AF_UNSPEC,
					     .ai_flags = ARES_AI_NOSORT,
					     .ai_socktype = SOCK_STREAM };
	int status = ares_library_init(ARES_LIB_INIT_ALL);
	if (status == ARES_SUCCESS)
		status = ares_init_options(&channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
	if (status != ARES_SUCCESS) {
		*why = str_printf(a, "the resolver does not start: %s", ares_strerror(status));
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		struct asking *asked = ARENA_NEW(a, struct asking);
		*asked = (struct asking){ a, &names[i] };
		names[i].why = STR("no reply came from the resolver");
		ares_getaddrinfo(channel, cstr(a, names[i].name), NULL, &hints, answered, asked);
	}
	wait_for(channel, clock_now() + (int64_t)timeout * 1000);
	ares_destroy(channel);
	ares_library_cleanup();
	return true;
}
