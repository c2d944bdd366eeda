/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk that loses its power: what was not synced is gone.
 *
 * The clerk runs on a file system of SQLite (a VFS) that keeps, beside each file, what it held when it was synced last, and that ends
 * the process before its n-th sync.  Then every file is put back to what was kept, and a clerk without such a disk goes on.  n is 1, 2, 3
 * ... until all enrolments are done before it.  rounds() is the number of enrolments of a run.
 */
#include "served.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>

#include "authority/audit.h"
#include "pki/certificate.h"
#include "rounds.h"

enum { CUT = 77, PATH_MOST = 256 };

/* The disk */

struct disk_file {
	sqlite3_file base;
	char name[PATH_MOST]; /* empty: a file without a name, which no start reads */
	sqlite3_file *real;   /* behind this */
};

static sqlite3_vfs *below;
static size_t syncs, cut_at; /* cut_at 0: never */

static void copy(const char *from, const char *to)
{
	char bytes[4096];
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ssize_t n;
	if (in < 0 || out < 0)
		_exit(1);
	while ((n = read(in, bytes, sizeof bytes)) > 0)
		if (write(out, bytes, (size_t)n) != n)
			_exit(1);
	close(in);
	close(out);
}

static void kept_name(const char *name, char to[PATH_MOST + 8])
{
	snprintf(to, PATH_MOST + 8, "%s.kept", name);
}

static sqlite3_file *real_of(sqlite3_file *f)
{
	return ((struct disk_file *)f)->real;
}

static int disk_sync(sqlite3_file *f, int flags)
{
	struct disk_file *file = (struct disk_file *)f;
	char kept[PATH_MOST + 8];
	if (cut_at && ++syncs == cut_at)
		_exit(CUT);
	if (*file->name) {
		kept_name(file->name, kept);
		copy(file->name, kept);
	}
	return file->real->pMethods->xSync(file->real, flags);
}

static int disk_close(sqlite3_file *f)
{
	return real_of(f)->pMethods->xClose(real_of(f));
}

static int disk_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
	return real_of(f)->pMethods->xRead(real_of(f), to, n, at);
}

static int disk_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	return real_of(f)->pMethods->xWrite(real_of(f), from, n, at);
}

static int disk_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	return real_of(f)->pMethods->xTruncate(real_of(f), n);
}

static int disk_size(sqlite3_file *f, sqlite3_int64 *n)
{
	return real_of(f)->pMethods->xFileSize(real_of(f), n);
}

static int disk_lock(sqlite3_file *f, int level)
{
	return real_of(f)->pMethods->xLock(real_of(f), level);
}

static int disk_unlock(sqlite3_file *f, int level)
{
	return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int disk_reserved(sqlite3_file *f, int *is)
{
	return real_of(f)->pMethods->xCheckReservedLock(real_of(f), is);
}

static int disk_control(sqlite3_file *f, int op, void *arg)
{
	return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int disk_sector(sqlite3_file *f)
{
	return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int disk_characteristics(sqlite3_file *f)
{
	return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int disk_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **to)
{
	return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, to);
}

static int disk_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
	return real_of(f)->pMethods->xShmLock(real_of(f), at, n, flags);
}

static void disk_shm_barrier(sqlite3_file *f)
{
	real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int disk_shm_unmap(sqlite3_file *f, int remove)
{
	return real_of(f)->pMethods->xShmUnmap(real_of(f), remove);
}

static const sqlite3_io_methods disk_methods = {
	.iVersion = 2,
	.xClose = disk_close,
	.xRead = disk_read,
	.xWrite = disk_write,
	.xTruncate = disk_truncate,
	.xSync = disk_sync,
	.xFileSize = disk_size,
	.xLock = disk_lock,
	.xUnlock = disk_unlock,
	.xCheckReservedLock = disk_reserved,
	.xFileControl = disk_control,
	.xSectorSize = disk_sector,
	.xDeviceCharacteristics = disk_characteristics,
	.xShmMap = disk_shm_map,
	.xShmLock = disk_shm_lock,
	.xShmBarrier = disk_shm_barrier,
	.xShmUnmap = disk_shm_unmap,
};

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out_flags)
{
	struct disk_file *file = (struct disk_file *)f;
	file->real = (sqlite3_file *)(file + 1);
	snprintf(file->name, sizeof file->name, "%s", name ? name : "");
	int code = below->xOpen(below, name, file->real, flags, out_flags);
	file->base.pMethods = file->real->pMethods ? &disk_methods : NULL;
	return code;
}

/* What is deleted without a sync of the folder comes back. */
static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	char kept[PATH_MOST + 8];
	kept_name(name, kept);
	if (sync)
		unlink(kept);
	return below->xDelete(below, name, sync);
}

static void use_disk(void)
{
	static sqlite3_vfs disk;
	below = sqlite3_vfs_find(NULL);
	disk = *below;
	disk.szOsFile = (int)sizeof(struct disk_file) + below->szOsFile;
	disk.zName = "forgetful";
	disk.xOpen = disk_open;
	disk.xDelete = disk_delete;
	if (sqlite3_vfs_register(&disk, 1) != SQLITE_OK)
		_exit(1);
}

/* Every file as it was synced last; what never was is not there. */
static void lose_power(struct world *w)
{
	static const char *const endings[] = { "", "-wal", "-journal", "-shm" };
	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		const char *name = arena_printf(w->a, "%s/state/authority.db%s", w->folder, endings[i]);
		const char *kept = arena_printf(w->a, "%s.kept", name);
		unlink(name);
		if (access(kept, F_OK) == 0)
			copy(kept, name);
	}
}

/* A clerk on it */

static bool run_on_disk(struct world *w, const int fds[3])
{
	use_disk();
	return run_clerk(w, fds);
}

static bool run_well(struct world *w, const int fds[3])
{
	cut_at = 0;
	return run_on_disk(w, fds);
}

struct client {
	struct str id, key;
	struct str certificate; /* that it holds; empty: it has no answer */
};

static struct str enrol(struct served *s, struct arena *a, const struct client *client)
{
	struct hint *hint = ARENA_NEW(a, struct hint);
	*hint = (struct hint){ .name = STR("many") };
	struct ask_enrol question = {
		.who = { .address = STR("10.0.0.1"), .username = STR("m1"), .password = str_of(password) },
		.way = WAY_PASSWORD,
		.protocol = STR("ces"),
		.message_id = client->id,
		.body_hash = str_first(client->id, 32),
		.csr = STR("0"),
		.key = client->key,
		.key_algorithm = STR("EC"),
		.key_bits = 256,
		.hints = { hint, 1 }
	};
	struct str fields;
	struct tell_enrol told = { 0 };
	unsigned type = ask(s, a, ASK_ENROL, &question, &fields);
	if (!type)
		return NO_STR; /* the power is gone */
	if (type != TELL_ENROL)
		fail_msg("answer %u", type);
	assert_true(message_read(a, message_shape(TELL_ENROL), fields, &told));
	if (told.outcome != ENROL_ISSUED)
		fail_msg("outcome %u: %.*s", (unsigned)told.outcome, STR_ARG(told.text));
	return told.certificate;
}

/* True when the run ended before the cut. */
static bool run_until_cut(struct world *w, struct client *clients, size_t n, size_t cut)
{
	cut_at = cut;
	struct served s = serve_with(w, run_on_disk);
	size_t done = 0;
	for (; done < n; done++) {
		struct str got = enrol(&s, w->a, &clients[done]);
		if (!got.n)
			break;
		clients[done].certificate = got;
	}
	int status = 0;
	if (done < n) {
		waitpid(s.pids[s.n - 1], &status, 0);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != CUT)
			fail_msg("the clerk ended by itself: %d", status);
		s.n--;
	}
	stop(&s);
	lose_power(w);
	return done == n;
}

/* What clients hold is in the store and in the log, once; who has no answer gets one. */
static void check_all(struct world *w, struct client *clients, size_t n)
{
	struct served s = serve_with(w, run_well);
	for (size_t i = 0; i < n; i++) {
		struct str got = enrol(&s, w->a, &clients[i]);
		assert_true(got.n && (!clients[i].certificate.n || str_eq(got, clients[i].certificate)));
		clients[i].certificate = got;
	}
	stop(&s);
	struct arena *a = arena_new();
	const char *log = arena_printf(a, "%s/state/audit.log", w->folder);
	struct store *store = store_open(a, arena_printf(a, "%s/state/authority.db", w->folder), true, w->d);
	struct source *text = source_read(a, log, 64 << 20, w->d);
	struct audit_report report;
	assert_true(store && text && audit_verify(a, log, NULL, NULL, &report, w->d));
	if (report.why)
		fail_msg("line %u of the log: %s", (unsigned)report.wrong_line, report.why);
	for (size_t i = 0; i < n; i++) {
		struct certificate_row row;
		struct str hash = sha256_hex(a, clients[i].certificate);
		assert_int_equal(store_certificate_by_hash(store, a, hash, &row), STORE_FOUND);
		assert_true(str_eq(row.der, clients[i].certificate));
		assert_int_not_equal(str_find_text(text->text, hash), SIZE_MAX);
		for (size_t j = 0; j < i; j++)
			assert_false(str_eq(clients[i].certificate, clients[j].certificate));
	}
	struct store_totals totals;
	assert_true(store_count(store, &totals));
	assert_int_equal(totals.pending, 0);
	arena_free(a);
}

static void what_a_client_holds_outlives_a_power_cut_at_every_sync(void **state)
{
	struct world *w = world_new();
	size_t n = rounds(5), lost = 0, held = 0, cut = 1;
	world_write(
		w, "templates/many.yaml",
		"name: many\noid: 1.3.6.1.4.1.311.21.8.1.2.3.1.9\nmachine: true\nvalidity: 30 days\nrenewal: 5 days\n"
		"usages: digital-signature\nekus: client-authentication\nsubject: account\nenrol: \"*\"\nschema: 3\n"
		"key: p-256\nmost-a-day: 100000\n");
	add_accounts(w);
	/* what was written before the first run is on disk */
	copy(arena_printf(w->a, "%s/state/authority.db", w->folder),
	     arena_printf(w->a, "%s/state/authority.db.kept", w->folder));
	for (bool whole = false; !whole; cut++) {
		struct client *clients = ARENA_ARRAY(w->a, struct client, n);
		for (size_t i = 0; i < n; i++)
			clients[i] = (struct client){ .id = str_printf(w->a, "urn:uuid:%08zu-%08zu-0123456789abcdef", i,
								       cut),
						      .key = new_public_key(w->a, "P-256") };
		whole = run_until_cut(w, clients, n, cut);
		for (size_t i = 0; i < n; i++) {
			held += clients[i].certificate.n > 0;
			lost += !clients[i].certificate.n;
		}
		check_all(w, clients, n);
	}
	print_message("# %zu cuts, %zu certificates held before them, %zu answers lost\n", cut - 1, held, lost);
	/* else nothing was shown */
	assert_true(cut > n && held > n && lost > n);
	world_free(w);
}

RUN_TESTS(T(what_a_client_holds_outlives_a_power_cut_at_every_sync))
