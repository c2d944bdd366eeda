/* SPDX-License-Identifier: Apache-2.0 */
/* What a subverted process can have: the test is the front of a real clerk, or the clerk of a real keeper, and sends anything. */
#include "served.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "authority/naming.h"
#include "authority/walls.h"
#include "base/asan.h"
#include "pki/certificate.h"
#include "rounds.h"

enum { DAY = 86400 };

static uint64_t seed = 1;

static size_t draw(size_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(seed >> 33) % n;
}

/* Names that somebody may want */

static struct subject_parts draw_subject(struct arena *a)
{
	static const char *const names[] = { "m1", "web1.contoso.com", "Administrator", "dc1.contoso.com", "ENTCA" };
	return draw(3) ? subject_cn(a, names[draw(ARRAY_LEN(names))]) : (struct subject_parts){ 0 };
}

static struct alternatives draw_alternatives(struct arena *a)
{
	static const struct {
		enum alternative_kind kind;
		struct str value;
	} names[] = {
		{ ALTERNATIVE_DNS, STR_INIT("m1.contoso.com") },
		{ ALTERNATIVE_DNS, STR_INIT("web1.contoso.com") },
		{ ALTERNATIVE_DNS, STR_INIT("dc1.contoso.com") },
		{ ALTERNATIVE_DNS, STR_INIT("*.contoso.com") },
		{ ALTERNATIVE_DNS, STR_INIT("web1.contoso.com\0.evil.example") },
		{ ALTERNATIVE_UPN, STR_INIT("administrator@contoso.com") },
		{ ALTERNATIVE_EMAIL, STR_INIT("root@contoso.com") },
		{ ALTERNATIVE_URI, STR_INIT("https://contoso.com/") },
		{ ALTERNATIVE_IP, STR_INIT("\x0a\0\0\1") },
		{ ALTERNATIVE_OTHER, STR_INIT("\x88\x01\x2a") },
	};
	struct alternatives list = { ARENA_ARRAY(a, struct alternative, 2), draw(3) };
	for (size_t i = 0; i < list.n; i++) {
		size_t j = draw(ARRAY_LEN(names));
		list.v[i] = (struct alternative){ names[j].kind, names[j].value };
	}
	return list;
}

static const struct template *draw_template(struct world *w)
{
	return &w->templates->v[draw(w->templates->n)];
}

/* What was signed */

static const struct template *template_of(struct world *w, const struct certificate *c)
{
	const struct template *t = template_by_oid(w->templates, c->template_oid);
	return t ? t : template_named(w->templates, c->template_name);
}

static bool has_eku(const struct template *t, const ASN1_OBJECT *object)
{
	char oid[128];
	OBJ_obj2txt(oid, sizeof oid, object, 1);
	for (size_t i = 0; i < t->n_eku_oids; i++)
		if (str_is(t->eku_oids[i], oid))
			return true;
	return false;
}

static void check_ekus(const struct template *t, X509 *x509)
{
	EXTENDED_KEY_USAGE *ekus = X509_get_ext_d2i(x509, NID_ext_key_usage, NULL, NULL);
	assert_int_equal(sk_ASN1_OBJECT_num(ekus), (int)t->n_eku_oids);
	for (int i = 0; i < sk_ASN1_OBJECT_num(ekus); i++)
		assert_true(has_eku(t, sk_ASN1_OBJECT_value(ekus, i)));
	sk_ASN1_OBJECT_pop_free(ekus, ASN1_OBJECT_free);
}

static const struct template *check_inside(struct world *w, struct arena *a, struct str der, struct certificate *c)
{
	assert_null(certificate_read(a, der, c));
	const struct template *t = template_of(w, c);
	assert_non_null(t);
	assert_null(names_refused(t, &c->subject, &c->alternatives));
	assert_int_equal(X509_check_ca(c->x509), 0);
	assert_false(X509_get_key_usage(c->x509) & (KU_KEY_CERT_SIGN | KU_CRL_SIGN));
	assert_true(c->not_after <= c->not_before + (int64_t)t->validity.n + BACKDATED);
	check_ekus(t, c->x509);
	return t;
}

/* No byte of the authority's private key is in an answer. */
static struct str private_key(struct world *w)
{
	FILE *f = fopen(arena_printf(w->a, "%s/ca.key", w->folder), "r");
	EVP_PKEY *key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	BIGNUM *n = NULL;
	char *bytes = arena_alloc(w->a, 64);
	fclose(f);
	assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &n), 1);
	int length = BN_bn2bin(n, (unsigned char *)bytes);
	BN_clear_free(n);
	EVP_PKEY_free(key);
	return (struct str){ bytes, (size_t)length };
}

/* The laws */

/* An empty message; its answer, 0: none. */
static unsigned ask_empty(struct served *s, unsigned type)
{
	struct arena *a = arena_new();
	struct str fields;
	unsigned told = ask(s, a, type, arena_alloc(a, message_shape(type)->size), &fields);
	arena_free(a);
	return told;
}

/*
 * Sends a message of each type that is not among those, once it was seen that one of them is answered; the link has to end
 * without an answer.
 */
static void check_types(struct served (*start)(struct world *w), enum message_type answered, uint64_t allowed,
			struct world *w)
{
	for (unsigned type = 0; type < 2 * N_MESSAGES; type++) {
		const struct message_shape *shape = message_shape(type);
		if (!shape || (allowed >> type & 1))
			continue;
		struct served s = start(w);
		assert_int_not_equal(ask_empty(&s, answered), 0);
		unsigned told = ask_empty(&s, type);
		if (told)
			fail_msg("%s is answered by %s", shape->name, message_shape(told)->name);
		stop(&s);
	}
}

static void a_front_that_asks_what_only_a_clerk_may_is_not_answered(void **state)
{
	struct world *w = world_new();
	check_types(serve_clerk, ASK_PUBLISHED,
		    1u << ASK_POLICY | 1u << ASK_ENROL | 1u << ASK_STATUS | 1u << ASK_PUBLISHED, w);
	world_free(w);
}

static void a_clerk_that_asks_what_a_keeper_does_not_sign_is_not_answered(void **state)
{
	struct world *w = world_new();
	check_types(serve_keeper, ASK_STATEMENT,
		    1u << ASK_CERTIFICATE | 1u << ASK_CMC | 1u << ASK_CRL | 1u << ASK_OCSP | 1u << ASK_STATEMENT, w);
	world_free(w);
}

/* Certificates that a front has seen: it may show any of them as that of TLS, and as the renewed one. */
struct seen {
	struct str v[64];
	size_t n;
};

static struct str draw_seen(const struct seen *seen)
{
	return seen->n && draw(4) == 0 ? seen->v[draw(seen->n)] : NO_STR;
}

static struct ask_enrol draw_enrol(struct world *w, struct arena *a, const struct seen *seen)
{
	static const char *const users[] = { "m1", "web", "m1", "web", "administrator", "" };
	struct hint *hint = ARENA_NEW(a, struct hint);
	*hint = (struct hint){ .name = draw_template(w)->name.s };
	const char *user = users[draw(ARRAY_LEN(users))];
	bool own = draw(2); /* else hardly any would be issued */
	struct str id = str_printf(a, "urn:uuid:%zu", draw(1u << 30));
	return (struct ask_enrol){
		/* an address of its own: guesses of one address wait */
		.who = { .address = str_printf(a, "10.0.0.%zu", draw(250)),
			 .username = str_of(user),
			 .password = str_of(*user ? password : ""),
			 .certificate = draw_seen(seen) },
		.way = draw(4) ? WAY_PASSWORD : WAY_CERTIFICATE,
		.renewal = draw(4) == 0,
		.renewal_only = draw(8) == 0,
		.protocol = str_of(draw(2) ? "ces" : "est"),
		.message_id = id,
		.body_hash = id,
		.csr = STR("0"),
		.key = new_public_key(a, draw(4) ? "P-256" : "P-384"),
		.key_algorithm = STR("EC"),
		.key_bits = 256,
		.subject = own ? subject_cn(a, "web1.contoso.com") : draw_subject(a),
		.alternatives = own ? one_alternative(a, ALTERNATIVE_DNS, "web1.contoso.com") : draw_alternatives(a),
		.hints = { hint, 1 },
		.renewed = draw_seen(seen),
		.renewed_signed = draw(2),
		.cmc = draw(4) == 0,
	};
}

/* An account has no name but its own, or one that is in its list. */
static void check_names(const struct template *t, const struct certificate *c)
{
	for (size_t i = 0; i < c->alternatives.n; i++) {
		struct str value = c->alternatives.v[i].value;
		assert_true(str_is(value, "web1.contoso.com") ||
			    (str_is(t->name.s, "computer") &&
			     (str_is(value, "m1.contoso.com") || str_is(value, "web.contoso.com"))));
	}
}

static void whatever_a_front_asks_a_certificate_is_inside_of_its_template(void **state)
{
	struct world *w = world_new();
	struct seen seen = { 0 };
	struct str key = private_key(w);
	size_t issued = 0, of_server = 0, pending = 0;
	seen.v[seen.n++] = certificate_der(w->a, authority_certificate(w->a, w->folder, w->d));
	add_accounts(w);
	struct served s = serve_clerk(w);
	for (size_t round = 0; round < rounds(400); round++) {
		struct arena *a = arena_new();
		struct ask_enrol question = draw_enrol(w, a, &seen);
		struct str fields;
		struct tell_enrol told = { 0 };
		struct certificate c;
		unsigned type = ask(&s, a, ASK_ENROL, &question, &fields);
		if (type != TELL_ENROL && type != CALL_FAILED)
			fail_msg("round %zu: %u, fits %d", round, type,
				 message_fits(message_shape(ASK_ENROL), &question));
		assert_int_equal(str_find_text(fields, key), SIZE_MAX);
		if (type == TELL_ENROL)
			assert_true(message_read(a, message_shape(TELL_ENROL), fields, &told));
		pending += told.outcome == ENROL_PENDING;
		if (told.certificate.n) {
			const struct template *t = check_inside(w, a, told.certificate, &c);
			check_names(t, &c);
			issued++;
			of_server += str_is(t->name.s, "server");
			if (seen.n < ARRAY_LEN(seen.v))
				seen.v[seen.n++] = str_dup(w->a, told.certificate);
		}
		arena_free(a);
	}
	stop(&s);
	/* else nothing was shown */
	if (issued == of_server || !of_server || !pending)
		fail_msg("%zu issued, %zu of them for servers, %zu pending", issued, of_server, pending);
	world_free(w);
}

static struct ask_certificate draw_certificate(struct world *w, struct arena *a)
{
	const struct template *t = draw_template(w);
	int64_t now = authority_now();
	return (struct ask_certificate){
		.template_name = draw(8) ? t->name.s : STR("SubCA"),
		.template_hash = draw(8) ? t->hash : draw_template(w)->hash,
		.serial = draw(8) ? new_serial(a) : STR("\x80"),
		.key = new_public_key(a, draw(4) ? "P-256" : "P-384"),
		.subject = draw_subject(a),
		.alternatives = draw_alternatives(a),
		.not_before = now - (draw(4) ? BACKDATED : (int64_t)draw(400) * DAY),
		.not_after = now + (draw(4) ? DAY : (int64_t)draw(40000) * DAY),
		.sid = draw(4) ? NO_STR : STR("S-1-5-21-1-2-3-500"),
		.cmc = draw(2),
	};
}

static void whatever_a_clerk_asks_a_certificate_is_inside_of_its_template(void **state)
{
	struct world *w = world_new();
	struct str key = private_key(w);
	size_t issued = 0, refused = 0;
	struct served s = serve_keeper(w);
	for (size_t round = 0; round < rounds(400); round++) {
		struct arena *a = arena_new();
		struct ask_certificate question = draw_certificate(w, a);
		struct str fields;
		struct tell_certificate told = { 0 };
		struct certificate c;
		unsigned type = ask(&s, a, ASK_CERTIFICATE, &question, &fields);
		assert_true(type == TELL_CERTIFICATE || type == CALL_FAILED);
		assert_int_equal(str_find_text(fields, key), SIZE_MAX);
		if (type == TELL_CERTIFICATE) {
			assert_true(message_read(a, message_shape(type), fields, &told));
			const struct template *t = check_inside(w, a, told.certificate, &c);
			assert_true(str_ieq(t->name.s, question.template_name));
		}
		issued += type == TELL_CERTIFICATE;
		refused += type == CALL_FAILED;
		arena_free(a);
	}
	stop(&s);
	assert_true(issued > 0 && refused > 0);
	world_free(w);
}

/* Behind the walls */

static const char *wall_folder;

static bool reads(const char *name)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", wall_folder, name);
	return open(path, O_RDONLY) >= 0;
}

static bool reads_key(void)
{
	return reads("ca.key");
}

static bool reads_store(void)
{
	return reads("state/authority.db");
}

static bool reads_audit(void)
{
	return reads("state/audit.log");
}

static bool connects(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool runs(void)
{
	static char program[] = "/bin/true";
	char *const arguments[] = { program, NULL };
	execv(program, arguments);
	return errno != EPERM;
}

static bool signals(void)
{
	return kill(getppid(), 0) == 0;
}

static const struct trial {
	const char *what;
	bool (*works)(void);
	unsigned may; /* bits of enum walled */
} trials[] = {
	/* by system calls alone the clerk may open any file of its user: a user of its own is what keeps it from the key */
	{ "read the key", reads_key, 1u << WALLED_CLERK },
	{ "read the store", reads_store, 1u << WALLED_CLERK },
	{ "read the audit log", reads_audit, 1u << WALLED_CLERK },
	{ "make a connection", connects, 0 },
	{ "run a program", runs, 0 },
	{ "signal another process", signals, 0 },
};

static void behind_its_walls_a_process_reaches_nothing_else(void **state)
{
#ifdef HAVE_ASAN
	print_message(
		"# the sanitizer's runtime opens files, so that there is no list of calls: see the build without\n");
	return;
#endif
	struct world *w = world_new();
	wall_folder = w->folder;
	world_write(w, "state/authority.db", "store");
	world_write(w, "state/audit.log", "log");
	for (size_t i = 0; i < ARRAY_LEN(trials); i++) {
		assert_true(trials[i].works == runs || trials[i].works()); /* it works without walls */
		for (enum walled who = 0; who < N_WALLED; who++) {
			int status;
			pid_t pid = fork();
			if (pid == 0)
				_exit(!walls_raise(w->a, who, w->config, w->d) ? 9 : trials[i].works());
			waitpid(pid, &status, 0);
			bool may = trials[i].may >> who & 1;
			if (!WIFEXITED(status) || WEXITSTATUS(status) != (int)may)
				fail_msg("%s: %s: %d", walled_names[who], trials[i].what, status);
		}
	}
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_front_that_asks_what_only_a_clerk_may_is_not_answered),
		cmocka_unit_test(a_clerk_that_asks_what_a_keeper_does_not_sign_is_not_answered),
		cmocka_unit_test(whatever_a_front_asks_a_certificate_is_inside_of_its_template),
		cmocka_unit_test(whatever_a_clerk_asks_a_certificate_is_inside_of_its_template),
		cmocka_unit_test(behind_its_walls_a_process_reaches_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
