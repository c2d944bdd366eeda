/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>

#include "test.h"
#include "transcript.h"

static struct transcript *transcripts;
static size_t n_transcripts;
static struct arena *files;

static int read_all(void **state)
{
	const char *folder;
	files = arena_new();
	folder = arena_printf(files, "%s/tests/data/transcripts", getenv("PORTOLAN_SOURCE"));
	DIR *dir = opendir(folder);
	assert_non_null(dir);
	VEC(struct transcript) all = { 0 };
	for (struct dirent *e; (e = readdir(dir));) {
		if (e->d_name[0] == '.')
			continue;
		struct source *s =
			source_read(files, arena_printf(files, "%s/%s", folder, e->d_name), 1 << 20, diag_new(files));
		assert_non_null(s);
		*VEC_ADD(files, &all) = transcript_read(files, arena_strdup(files, e->d_name), s->text);
	}
	closedir(dir);
	transcripts = all.v;
	n_transcripts = all.n;
	return n_transcripts ? 0 : -1;
}

static int free_all(void **state)
{
	arena_free(files);
	return 0;
}

static bool is_stream(const struct transcript *t)
{
	return t->target.protocol == PROTO_TCP;
}

/* The verdict after the pieces; a stream arrives in steps of at most step bytes. */
static struct exchange play(struct arena *a, const struct transcript *t, size_t step)
{
	struct exchange ex = play_begin(a, t);
	for (size_t i = 0; i < t->n_pieces && ex.step == STEP_WAIT; i++) {
		size_t at = 0, come = 0;
		while (come < t->pieces[i].n && ex.step == STEP_WAIT) {
			come = is_stream(t) ? MIN(come + step, t->pieces[i].n) : t->pieces[i].n;
			play_bytes(&ex, t->pieces[i].p, come, &at, t->tls);
		}
	}
	play_end(&ex, t);
	return ex;
}

/* The text may name what the first bytes look like, which fewer bytes do not show. */
static void check(const struct transcript *t, const struct exchange *ex, bool text)
{
	if (ex->step != STEP_DONE)
		fail_msg("%s: no verdict", t->file);
	if (!str_is(t->reason, reason_name(ex->reason)))
		fail_msg("%s: %s (%.*s), wanted %.*s", t->file, reason_name(ex->reason), STR_ARG(ex->text),
			 STR_ARG(t->reason));
	if (text && t->text.n && str_find_text(ex->text, t->text) == SIZE_MAX)
		fail_msg("%s: \"%.*s\", wanted \"%.*s\"", t->file, STR_ARG(ex->text), STR_ARG(t->text));
	struct str rest = t->evidence, key;
	if (!t->evidence.n)
		return;
	str_cut(&rest, '=', &key);
	for (size_t i = 0; i < ex->n_evidence; i++)
		if (str_is(key, ex->evidence[i].key) && str_eq(rest, ex->evidence[i].value))
			return;
	fail_msg("%s: the evidence %.*s is missing", t->file, STR_ARG(t->evidence));
}

/* The ids of the advice, the oldest first: "no-site no-adws"; "none". */
static struct str advice_ids(struct arena *a, const struct exchange *ex)
{
	struct str ids = NO_STR;
	for (const struct advice_found *found = ex->advice; found; found = found->next)
		ids = str_printf(a, "%s%s%.*s", found->id, ids.n ? " " : "", STR_ARG(ids));
	return ids.n ? ids : STR("none");
}

static void the_advice_is_what_the_transcript_names(void **state)
{
	bool same = true;
	for (size_t i = 0; i < n_transcripts; i++) {
		struct arena *a = arena_new();
		struct exchange ex = play(a, &transcripts[i], SIZE_MAX / 2);
		struct str wanted = transcripts[i].advice.n ? transcripts[i].advice : STR("none"),
			   found = advice_ids(a, &ex);
		if (!str_eq(wanted, found))
			print_error("%s: advice: %.*s, wanted: %.*s\n", transcripts[i].file, STR_ARG(found),
				    STR_ARG(wanted));
		same &= str_eq(wanted, found);
		arena_free(a);
	}
	assert_true(same);
}

static void every_transcript_gives_its_verdict(void **state)
{
	for (size_t i = 0; i < n_transcripts; i++) {
		struct arena *a = arena_new();
		if (!transcripts[i].probe)
			fail_msg("%s: unknown probe", transcripts[i].file);
		struct exchange ex = play(a, &transcripts[i], SIZE_MAX / 2);
		check(&transcripts[i], &ex, true);
		arena_free(a);
	}
}

static void what_is_sent_after_the_first_packet_is_announced(void **state)
{
	for (size_t i = 0; i < n_transcripts; i++) {
		struct arena *a = arena_new();
		play(a, &transcripts[i], SIZE_MAX / 2);
		if (play_sends > 1 && !transcripts[i].probe->follows)
			fail_msg("%s: %s sends %u times, and does not say so", transcripts[i].file,
				 transcripts[i].probe->name, play_sends);
		arena_free(a);
	}
}

static void a_stream_that_comes_byte_by_byte_gives_the_same_verdict(void **state)
{
	for (size_t i = 0; i < n_transcripts; i++) {
		struct arena *a = arena_new();
		struct exchange ex = play(a, &transcripts[i], 1);
		check(&transcripts[i], &ex, false);
		arena_free(a);
	}
}

/* A transcript whose last piece ends after the first n bytes. */
static struct transcript cut(struct arena *a, const struct transcript *t, size_t piece, size_t n)
{
	struct transcript shorter = *t;
	struct piece *pieces = ARENA_ARRAY(a, struct piece, piece + 1);
	memcpy(pieces, t->pieces, (piece + 1) * sizeof *pieces);
	/* A copy of its own size, so that a sanitizer sees a read behind it. */
	uint8_t *p = malloc(n ? n : 1);
	assert_non_null(p);
	memcpy(p, pieces[piece].p, n);
	pieces[piece] = (struct piece){ p, n };
	shorter.pieces = pieces;
	shorter.n_pieces = piece + 1;
	return shorter;
}

/* What is cut off is padding. */
static bool only_zeros(struct piece piece, size_t from)
{
	for (size_t i = from; i < piece.n; i++)
		if (piece.p[i])
			return false;
	return true;
}

static void a_reply_that_is_cut_anywhere_is_never_proven(void **state)
{
	for (size_t i = 0; i < n_transcripts; i++) {
		const struct transcript *t = &transcripts[i];
		for (size_t j = 0; j < t->n_pieces; j++)
			for (size_t n = 0; n < t->pieces[j].n; n++) {
				struct arena *a = arena_new();
				struct transcript shorter = cut(a, t, j, n);
				struct exchange ex = play(a, &shorter, SIZE_MAX / 2);
				/* A TLS certificate proves by itself, and an HTTP status does before its body. */
				bool enough = t->tls || str_is(str_of(t->probe->name), "http");
				if (ex.step == STEP_DONE && ex.reason == REASON_PROVEN && !enough &&
				    j + 1 == t->n_pieces && !only_zeros(t->pieces[j], n))
					fail_msg("%s: proven after %zu bytes of piece %zu", t->file, n, j);
				free((void *)(uintptr_t)shorter.pieces[j].p);
				arena_free(a);
			}
	}
}

static void a_changed_byte_never_breaks_a_probe(void **state)
{
	for (size_t i = 0; i < n_transcripts; i++) {
		const struct transcript *t = &transcripts[i];
		for (size_t j = 0; j < t->n_pieces; j++)
			for (size_t n = 0; n < t->pieces[j].n; n++) {
				struct arena *a = arena_new();
				struct transcript changed = cut(a, t, j, t->pieces[j].n);
				static const uint8_t flips[] = { 0x01, 0x80, 0xff };
				((uint8_t *)(uintptr_t)changed.pieces[j].p)[n] ^= flips[n % ARRAY_LEN(flips)];
				play(a, &changed, SIZE_MAX / 2);
				free((void *)(uintptr_t)changed.pieces[j].p);
				arena_free(a);
			}
	}
}

/* True when the reply of one is a reply of the other: both speak HTTP, or both are controllers. */
static bool are_related(const struct transcript *t, const struct transcript *other)
{
	static const char web[] = "http winrm wsus http-proxy amt-tls ssdp";
	bool controllers = t->target.domain_controller && other->target.domain_controller;
	return controllers || strcmp(t->probe->title, other->probe->title) == 0 ||
	       (str_is_one_of(str_of(t->probe->name), web) && str_is_one_of(str_of(other->probe->name), web));
}

static void a_foreign_reply_is_never_proven(void **state)
{
	for (size_t i = 0; i < n_transcripts; i++)
		for (size_t j = 0; j < n_transcripts; j++) {
			const struct transcript *t = &transcripts[i], *other = &transcripts[j];
			if (are_related(t, other) || !other->n_pieces || t->tls || t->probe->tls_first)
				continue;
			struct arena *a = arena_new();
			struct transcript mixed = *t;
			mixed.pieces = other->pieces;
			mixed.n_pieces = other->n_pieces;
			struct exchange ex = play(a, &mixed, SIZE_MAX / 2);
			if (ex.step == STEP_DONE && ex.reason == REASON_PROVEN)
				fail_msg("%s: proven by the reply of %s", t->file, other->file);
			arena_free(a);
		}
}

static void every_probe_says_what_it_can_reach(void **state)
{
	for (size_t i = 0; probes[i]; i++) {
		const struct probe *p = probes[i];
		if (!p->title || (p->best != REASON_PROVEN && !p->why_not))
			fail_msg("%s: no title or no reason why it cannot be proven", p->name);
		if (p->best != REASON_NEEDS_LISTENER && !p->input)
			fail_msg("%s: nothing reads the reply", p->name);
		if (p->best == REASON_NEEDS_LISTENER && (p->start || p->input))
			fail_msg("%s: it asks, although nothing can be proved", p->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_transcript_gives_its_verdict),
		T(the_advice_is_what_the_transcript_names),
		T(what_is_sent_after_the_first_packet_is_announced),
		T(a_stream_that_comes_byte_by_byte_gives_the_same_verdict),
		T(a_reply_that_is_cut_anywhere_is_never_proven),
		T(a_changed_byte_never_breaks_a_probe),
		T(a_foreign_reply_is_never_proven),
		T(every_probe_says_what_it_can_reach),
	};
	return cmocka_run_group_tests(tests, read_all, free_all);
}
