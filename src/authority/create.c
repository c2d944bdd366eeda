/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/create.h"

#include <errno.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authority/folder.h"
#include "authority/keeper.h"
#include "authority/listener-certificate.h"
#include "authority/processes.h"
#include "authority/root.h"
#include "authority/take-over.h"
#include "authority/walls.h"
#include "pki/certificate.h"
#include "pki/der.h"
#include "pki/key.h"
#include "pki/uuid.h"

enum { PEM_FILE_MAX = 256 << 10 };

static struct str pem_of(struct arena *a, BIO *b)
{
	char *text;
	long n = BIO_get_mem_data(b, &text);
	struct str pem = n > 0 ? str_dup(a, (struct str){ text, (size_t)n }) : NO_STR;
	BIO_free(b);
	return pem;
}

static bool write_root(struct arena *a, const struct authority_creation *c, EVP_PKEY *key, struct diag *d)
{
	struct subject_part part = { STR("2.5.4.3"), c->name };
	struct root r = { .subject = { &part, 1 }, .key = key };
	struct str why = NO_STR, der = root_made(a, &r, &why);
	struct certificate made;
	if (why.n || certificate_read(a, der, &made))
		return diag_error(d, NOWHERE, "the certificate of the authority: %.*s", STR_ARG(why));
	return authority_write(a, arena_printf(a, "%s/ca.pem", c->folder), certificate_pem(a, made.x509), false, d);
}

static bool write_request(struct arena *a, const struct authority_creation *c, EVP_PKEY *key, struct diag *d)
{
	struct subject_part part = { STR("2.5.4.3"), c->name };
	struct subject_parts subject = { &part, 1 };
	X509_REQ *r = X509_REQ_new();
	X509_NAME *name = subject_made(&subject);
	BIO *b = BIO_new(BIO_s_mem());
	bool ok = r && name && b && X509_REQ_set_version(r, 0) && X509_REQ_set_subject_name(r, name) &&
		  X509_REQ_set_pubkey(r, key) && X509_REQ_sign(r, key, keeper_digest(key)) &&
		  PEM_write_bio_X509_REQ(b, r);
	X509_NAME_free(name);
	X509_REQ_free(r);
	struct str pem = pem_of(a, b);
	return ok ? authority_write(a, arena_printf(a, "%s/ca.csr", c->folder), pem, false, d)
		  : diag_error(d, NOWHERE, "the request cannot be made");
}

/* Configuration and templates */

static struct str new_guid(struct arena *a)
{
	return str_printf(a, "{%.*s}", STR_ARG(uuid_made(a)));
}

/* Below the arc where AD CS makes its own; six numbers stand for this authority. */
static struct str new_arc(struct arena *a)
{
	uint32_t n[6];
	RAND_bytes((unsigned char *)n, sizeof n);
	return str_printf(a, "1.3.6.1.4.1.311.21.8.%u.%u.%u.%u.%u.%u", n[0] % 16777216, n[1] % 16777216,
			  n[2] % 16777216, n[3] % 16777216, n[4] % 16777216, n[5] % 16777216);
}

static bool write_config(struct arena *a, const struct authority_creation *c, struct diag *d)
{
	struct str guid = new_guid(a), password = NO_STR, users = NO_STR;
	if (c->key_password_file)
		password = str_printf(a, "key-password-file: %s\n", c->key_password_file);
	if (c->users)
		users = str_printf(
			a,
			"# the processes keep the user that starts them; without this line each has its own\n"
			"users: %s\n",
			c->users);
	struct str text = str_printf(
		a,
		"# One certification authority, its listeners, and the services on them: portolan-ca.yaml(5)\n"
		"name: %.*s\n"
		"host: %.*s\n"
		"policy: \"%.*s\"   # clients know the policy by this id: it never changes\n"
		"%.*s%.*s"
		"listeners:\n"
		"  - { name: https, port: %llu, client-certificate: by-path }\n"
		"  - { name: http, port: %llu, plain: true }   # CRL, certificate and OCSP\n"
		"instances:\n"
		"  - { protocol: cep, login: password, priority: 10 }\n"
		"  - { protocol: ces, login: password, priority: 10 }\n"
		"  - { protocol: cep, login: certificate, key-based-renewal: true, priority: 1 }\n"
		"  - { protocol: ces, login: certificate, key-based-renewal: true, renewal-only: true, priority: 1 }\n"
		"  - { protocol: est, login: either, template: machine }\n",
		STR_ARG(c->name), STR_ARG(c->host), STR_ARG(guid), STR_ARG(password), STR_ARG(users),
		(unsigned long long)c->port, (unsigned long long)c->plain_port);
	return authority_write(a, arena_printf(a, "%s/authority.yaml", c->folder), text, false, d);
}

static bool write_templates(struct arena *a, const char *folder, struct diag *d)
{
	struct str arc = new_arc(a);
	struct str machine = str_printf(a,
					"# Machines outside of a domain: an operator approves the first certificate, "
					"which then renews itself.\n"
					"name: machine\n"
					"display: Workgroup machine\n"
					"oid: %.*s.1.1\n"
					"machine: true\n"
					"validity: 90 days\n"
					"renewal: 30 days\n"
					"key: rsa\n"
					"providers: Microsoft RSA SChannel Cryptographic Provider\n"
					"usages: [digital-signature, key-encipherment]\n"
					"ekus: client-authentication\n"
					"subject: supplied\n"
					"names: dns\n"
					"reuse-subject: true\n"
					"approval: true\n"
					"previous-approval: true\n"
					"key-based-renewal: true\n"
					"enrol: \"@machines\"\n",
					STR_ARG(arc));
	struct str server =
		str_printf(a,
			   "# The certificate of the authority's own listeners; no account may enrol for it.\n"
			   "name: " LISTENER_TEMPLATE "\n"
			   "display: Listeners of this authority\n"
			   "oid: %.*s.1.2\n"
			   "schema: 4\n"
			   "machine: true\n"
			   "validity: 90 days\n"
			   "renewal: 30 days\n"
			   "key: p-256\n"
			   "usages: digital-signature\n"
			   "ekus: server-authentication\n"
			   "subject: supplied\n"
			   "names: dns\n"
			   "allow-list: true\n",
			   STR_ARG(arc));
	return authority_write(a, arena_printf(a, "%s/templates/machine.yaml", folder), machine, false, d) &&
	       authority_write(a, arena_printf(a, "%s/templates/" LISTENER_TEMPLATE ".yaml", folder), server, false, d);
}

static bool make_folders(struct arena *a, const struct authority_creation *c, struct diag *d)
{
	const char *state = arena_printf(a, "%s/state", c->folder);
	if (mkdir(c->folder, 0755) < 0 && errno != EEXIST)
		return diag_machine(d, errno, "cannot make \"%s\"", c->folder);
	if (access(arena_printf(a, "%s/authority.yaml", c->folder), F_OK) == 0 ||
	    access(arena_printf(a, "%s/ca.key", c->folder), F_OK) == 0)
		return diag_error(d, NOWHERE, "\"%s\" has an authority already; nothing is overwritten", c->folder);
	if (mkdir(arena_printf(a, "%s/templates", c->folder), 0755) < 0 || mkdir(state, 0700) < 0)
		return diag_machine(d, errno, "cannot make the folders of \"%s\"", c->folder);
	return true;
}

/* The certificate of the listeners, as the clerk would have it made. */
static bool make_listener_certificate(struct arena *a, const char *folder, struct diag *d)
{
	const struct authority_config *c = authority_config_read(a, folder, d);
	const struct templates *templates = c ? templates_read(a, arena_printf(a, "%s/templates", folder), d) : NULL;
	struct keeper *keeper = templates ? keeper_open(a, folder, c, d) : NULL;
	struct ask_certificate ask;
	struct str key;
	const void *answer;
	size_t n;
	if (!keeper)
		return false;
	X509 *const *chain = keeper_chain(keeper, &n);
	struct certificate authority;
	if (certificate_read(a, certificate_der(a, chain[0]), &authority))
		return diag_error(d, NOWHERE, "the certificate of the authority cannot be read");
	if (!listener_certificate_asked(a, c, templates, authority.not_after, &ask, &key, d))
		return false;
	if (keeper_answer(keeper, a, ASK_CERTIFICATE, &ask, &answer) != TELL_CERTIFICATE)
		return diag_error(d, NOWHERE, "the certificate of the listeners: %.*s",
				  STR_ARG(((const struct call_failed *)answer)->text));
	struct str *ders = ARENA_ARRAY(a, struct str, n + 1);
	ders[0] = ((const struct tell_certificate *)answer)->certificate;
	for (size_t i = 0; i < n; i++)
		ders[i + 1] = certificate_der(a, chain[i]);
	struct tell_tls tls = { .chain = { ders, n + 1 }, .key = key };
	return listener_certificate_keep(a, folder, &tls, d) &&
	       authority_give_state(a, folder, walled_user(a, WALLED_CLERK, c), d);
}

/* The key that is made or taken over, and what belongs to it. */
static bool write_authority(struct arena *a, const struct authority_creation *c, EVP_PKEY *key, struct diag *d)
{
	if (!root_write_key(a, arena_printf(a, "%s/ca.key", c->folder), key, c->key_password, d))
		return false;
	if (c->take_over)
		return take_over_write_chain(a, c->folder, c->take_over, d) &&
		       take_over_write_store(a, c->folder, c->take_over, d);
	return c->request ? write_request(a, c, key, d) : write_root(a, c, key, d);
}

bool authority_create(struct arena *a, const struct authority_creation *c, struct diag *d)
{
	EVP_PKEY *key = NULL;
	bool ok = make_folders(a, c, d) && write_config(a, c, d) && write_templates(a, c->folder, d) &&
		  authority_config_read(a, c->folder, d);
	if (ok && c->take_over) {
		key = c->take_over->read.key;
		EVP_PKEY_up_ref(key);
	} else if (ok) {
		key = key_made(authority_key_kinds[c->key]);
	}
	ok = ok && (key || diag_error(d, NOWHERE, "a key cannot be made")) && write_authority(a, c, key, d);
	EVP_PKEY_free(key);
	return ok && (c->request || make_listener_certificate(a, c->folder, d));
}

bool authority_install(struct arena *a, const char *folder, const char *certificates, struct diag *d)
{
	const char *path = arena_printf(a, "%s/ca.pem", folder);
	struct source *s = source_read(a, certificates, PEM_FILE_MAX, d);
	if (!s)
		return false;
	if (access(path, F_OK) == 0)
		return diag_error(d, NOWHERE, "\"%s\" is there already; nothing is overwritten", path);
	if (!authority_write(a, path, s->text, false, d))
		return false;
	if (make_listener_certificate(a, folder, d))
		return true;
	unlink(path);
	return false;
}
