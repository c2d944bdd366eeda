/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <event2/event.h>

#include "authority/keeper.h"
#include "authority/link.h"
#include "authority/processes.h"
#include "authority/walls.h"

enum { FRAME_MAX = 64 << 20 }; /* a list of every revoked certificate */

struct loop {
	struct event_base *base;
	struct keeper *keeper;
};

static void heard(void *ctx, struct link *l, uint32_t tag, enum message_type type, const void *message, const char *why)
{
	struct loop *loop = ctx;
	const void *answer;
	if (!message) {
		event_base_loopbreak(loop->base);
		return;
	}
	struct arena *a = arena_new();
	enum message_type told = keeper_answer(loop->keeper, a, type, message, &answer);
	link_answer(l, tag, told, answer);
	arena_free(a);
}

bool keeper_run(struct arena *a, const struct keeper_start *s, struct diag *d)
{
	struct loop loop = { .base = event_base_new(), .keeper = keeper_open(a, s->folder, s->config, d) };
	uint64_t accepts = 1u << ASK_CERTIFICATE | 1u << ASK_CMC | 1u << ASK_CRL | 1u << ASK_OCSP | 1u << ASK_STATEMENT;
	if (!loop.base)
		return diag_machine(d, ENOMEM, "the loop of the keeper");
	if (!loop.keeper || !walls_raise(a, WALLED_KEEPER, s->config, d))
		return false;
	struct link *l = link_new(loop.base, s->clerk, accepts, FRAME_MAX, heard, &loop);
	struct tell_keeper ready = { keeper_own_version(a, loop.keeper) };
	link_ask(l, TELL_KEEPER, &ready);
	event_base_dispatch(loop.base);
	link_free(l);
	event_base_free(loop.base);
	return true;
}
