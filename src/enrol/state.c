/* SPDX-License-Identifier: Apache-2.0 */
#include "enrol/state.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"
#include "doc/json-tree.h"
#include "doc/json.h"
#include "pki/certificate.h"
#include "pki/key.h"

enum { STATE_MAX = 1 << 20, KEY_MAX = 64 << 10, SECRET = 0600, OPEN = 0644, FOLDER = 0755 };

const char *enrol_pair_path(struct arena *a, const struct enrol_folder *f, const char *file)
{
	return arena_printf(a, "%s/%s/%s", f->folder, f->name, file);
}

const char *enrol_side_path(struct arena *a, const struct enrol_folder *f, const char *ending)
{
	return arena_printf(a, "%s/%s%s", f->folder, f->name, ending);
}

bool enrol_has_pair(struct arena *a, const struct enrol_folder *f)
{
	return access(enrol_pair_path(a, f, "certificate.pem"), F_OK) == 0;
}

struct str file_bytes(struct arena *a, const char *path, struct diag *d)
{
	struct source *s = source_read(a, path, STATE_MAX, d);
	return s ? s->text : NO_STR;
}

static void sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

static struct str text_of(const struct node *n, const char *key)
{
	const struct node *value = node_get(n, key);
	return value && value->kind == NODE_SCALAR ? value->text : STR("");
}

static uint64_t number_of(const struct node *n, const char *key)
{
	uint64_t value = 0;
	return str_to_u64(text_of(n, key), INT64_MAX, &value) ? value : 0;
}

static struct enrolment_uris uris_of(struct arena *a, const struct node *list)
{
	VEC(struct enrolment_uri) uris = { 0 };
	for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++)
		*VEC_ADD(a, &uris) = (struct enrolment_uri){
			.authentication = number_of(list->items[i], "authentication"),
			.priority = number_of(list->items[i], "priority"),
			.renewal_only = str_is(text_of(list->items[i], "renewal-only"), "true"),
			.uri = text_of(list->items[i], "uri"),
		};
	return (struct enrolment_uris){ uris.v, uris.n };
}

bool state_read(struct arena *a, const struct enrol_folder *f, struct enrol_state *ret, struct diag *d)
{
	const char *path = enrol_side_path(a, f, ".json");
	*ret = (struct enrol_state){ 0 };
	if (access(path, F_OK) != 0)
		return true;
	struct source *s = source_read(a, path, STATE_MAX, d);
	const struct node *all = s ? json_parse(a, s, d) : NULL;
	if (!all)
		return false;
	const struct node *n = all->n == 1 ? all->items[0] : NULL;
	if (!n || n->kind != NODE_MAP || !str_is(text_of(n, "format"), "portolan.enrolled/1"))
		return diag_error(d, loc_line(s, 1), "this is not a file of portolan enrol");
	*ret = (struct enrol_state){
		.policy_url = text_of(n, "policy-url"),
		.policy_id = text_of(n, "policy-id"),
		.template_name = text_of(n, "template"),
		.template_oid = text_of(n, "template-oid"),
		.major = number_of(n, "major"),
		.minor = number_of(n, "minor"),
		.renewal = number_of(n, "renewal-seconds"),
		.uris = uris_of(a, node_get(n, "uris")),
		.trusted = text_of(n, "trusted"),
		.username = text_of(n, "username"),
		.request_id = number_of(n, "request"),
		.poll = text_of(n, "poll"),
	};
	return true;
}

static void put_uris(struct json *j, const struct enrolment_uris *uris)
{
	json_key(j, "uris");
	json_list_lines(j);
	for (size_t i = 0; i < uris->n; i++) {
		json_object(j);
		json_put_str(j, "uri", uris->v[i].uri);
		json_put_u64(j, "authentication", uris->v[i].authentication);
		json_put_u64(j, "priority", uris->v[i].priority);
		json_put_bool(j, "renewal-only", uris->v[i].renewal_only);
		json_end(j);
	}
	json_end(j);
}

bool state_write(struct arena *a, const struct enrol_folder *f, const struct enrol_state *s, struct diag *d)
{
	struct out o = out_memory(STATE_MAX);
	struct json j = json_to(&o);
	json_object_lines(&j);
	json_put_text(&j, "format", "portolan.enrolled/1");
	json_put_str(&j, "policy-url", s->policy_url);
	json_put_str(&j, "policy-id", s->policy_id);
	json_put_str(&j, "template", s->template_name);
	json_put_str(&j, "template-oid", s->template_oid);
	json_put_u64(&j, "major", s->major);
	json_put_u64(&j, "minor", s->minor);
	json_put_u64(&j, "renewal-seconds", s->renewal);
	json_put_str(&j, "trusted", s->trusted);
	put_uris(&j, &s->uris);
	if (s->request_id) {
		json_put_str(&j, "username", s->username);
		json_put_u64(&j, "request", s->request_id);
		json_put_str(&j, "poll", s->poll);
	}
	json_end(&j);
	out_char(&o, '\n');
	bool ok = file_replace(a, enrol_side_path(a, f, ".json"), out_view(&o), OPEN, d);
	out_free(&o);
	return ok;
}

static EVP_PKEY *key_from(struct str pem)
{
	BIO *from = BIO_new_mem_buf(pem.p, (int)pem.n);
	EVP_PKEY *key = from ? PEM_read_bio_PrivateKey(from, NULL, NULL, (void *)"") : NULL;
	BIO_free(from);
	return key;
}

static X509 *certificate_from(struct str pem)
{
	BIO *from = BIO_new_mem_buf(pem.p, (int)pem.n);
	X509 *c = from ? PEM_read_bio_X509(from, NULL, NULL, NULL) : NULL;
	BIO_free(from);
	return c;
}

bool pair_read(struct arena *a, const struct enrol_folder *f, EVP_PKEY **key, X509 **certificate, struct diag *d)
{
	const char *key_path = enrol_pair_path(a, f, "key.pem"), *path = enrol_pair_path(a, f, "certificate.pem");
	struct str key_text = file_bytes(a, key_path, d), text = file_bytes(a, path, d);
	*key = key_text.p ? key_from(key_text) : NULL;
	*certificate = text.p ? certificate_from(text) : NULL;
	if (*key && *certificate && X509_check_private_key(*certificate, *key) == 1)
		return true;
	if (key_text.p && text.p)
		diag_error(d, NOWHERE, "\"%s\" and \"%s\" are not a pair", key_path, path);
	EVP_PKEY_free(*key);
	X509_free(*certificate);
	*key = NULL;
	*certificate = NULL;
	return false;
}

bool next_key_write(struct arena *a, const struct enrol_folder *f, EVP_PKEY *key, struct diag *d)
{
	struct str pem = key_pem(a, key);
	if (!pem.p)
		return diag_error(d, NOWHERE, "the key cannot be written: OpenSSL refuses");
	bool ok = file_replace(a, enrol_side_path(a, f, ".key.next"), pem, SECRET, d);
	explicit_bzero((void *)(uintptr_t)pem.p, pem.n);
	return ok;
}

EVP_PKEY *next_key_read(struct arena *a, const struct enrol_folder *f, struct diag *d)
{
	const char *path = enrol_side_path(a, f, ".key.next");
	struct str pem = file_bytes(a, path, d);
	EVP_PKEY *key = pem.p ? key_from(pem) : NULL;
	if (pem.p && !key)
		diag_error(d, NOWHERE, "\"%s\" is not a key", path);
	return key;
}

/* All three files of a pair, in a folder that nothing names yet. */
static bool write_pair(struct arena *a, const char *folder, struct str key, struct str certificate,
		       const struct str *chain, size_t n_chain, struct diag *d)
{
	struct str above = STR("");
	for (size_t i = 0; i < n_chain; i++)
		above = str_printf(a, "%.*s%.*s", STR_ARG(above), STR_ARG(chain[i]));
	if (mkdir(folder, FOLDER) != 0 && errno != EEXIST)
		return diag_machine(d, errno, "%s", folder);
	bool ok = file_replace(a, arena_printf(a, "%s/key.pem", folder), key, SECRET, d) &&
		  file_replace(a, arena_printf(a, "%s/certificate.pem", folder), certificate, OPEN, d) &&
		  file_replace(a, arena_printf(a, "%s/chain.pem", folder), above, OPEN, d);
	sync_folder(folder);
	return ok;
}

static void remove_pair(struct arena *a, const char *folder)
{
	static const char *const files[] = { "key.pem", "certificate.pem", "chain.pem" };
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		unlink(arena_printf(a, "%s/%s", folder, files[i]));
	rmdir(folder);
}

/* Where the link leads now; NULL: nowhere. */
static const char *link_target(struct arena *a, const char *path)
{
	char *target = arena_alloc(a, 512);
	ssize_t n = readlink(path, target, 511);
	return n > 0 ? target : NULL;
}

static bool switch_to(struct arena *a, const struct enrol_folder *f, const char *target, struct diag *d)
{
	const char *path = enrol_side_path(a, f, ""), *temporary = enrol_side_path(a, f, ".link"),
		   *before = enrol_side_path(a, f, ".before");
	const char *now = link_target(a, path), *oldest = link_target(a, before);
	unlink(temporary);
	if (symlink(target, temporary) != 0 || rename(temporary, path) != 0)
		return diag_machine(d, errno, "%s", path);
	/* The pair before stays, for who has its files open; the one before that goes. */
	if (now && strcmp(now, target) != 0) {
		unlink(before);
		if (symlink(now, before) == 0 && oldest && strcmp(oldest, now) != 0 && strcmp(oldest, target) != 0)
			remove_pair(a, arena_printf(a, "%s/%s", f->folder, oldest));
	}
	sync_folder(f->folder);
	return true;
}

bool pair_install(struct arena *a, const struct enrol_folder *f, struct str certificate, const struct str *chain,
		  size_t n_chain, struct diag *d)
{
	EVP_PKEY *key = next_key_read(a, f, d);
	X509 *c = certificate_from(certificate);
	struct str pem = key ? key_pem(a, key) : NO_STR;
	bool ok = key && c && X509_check_private_key(c, key) == 1;
	if (key && !ok)
		diag_error(d, NOWHERE, "the certificate that came is not of the key that was asked for");
	const char *target = ok ? arena_printf(a, ".%s.%.16s", f->name, sha256_hex(a, certificate_der(a, c)).p) : NULL;
	ok = ok && write_pair(a, arena_printf(a, "%s/%s", f->folder, target), pem, certificate, chain, n_chain, d) &&
	     switch_to(a, f, target, d);
	if (ok)
		unlink(enrol_side_path(a, f, ".key.next"));
	if (pem.p)
		explicit_bzero((void *)(uintptr_t)pem.p, pem.n);
	EVP_PKEY_free(key);
	X509_free(c);
	return ok;
}
