/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan ca client-kit: what clients need of this authority, as a folder of files, without a secret.
 *
 * The scripts are those of src/cli/client-kit/, the same for every authority; what is particular to this one is in
 * authority.psd1, which they read.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include "authority/keeper.h"
#include "authority/listener-certificate.h"
#include "authority/template.h"
#include "base/file.h"
#include "cli/ca.h"
#include "pki/certificate.h"
#include "report/asset.h"

enum { KIT_FILE_MAX = 1 << 20 };
#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* without it Windows PowerShell 5.1 takes a file for the ANSI code page */

/* src/cli/client-kit/, compiled in */
extern const struct asset asset_enrol_ps1, asset_group_policy_ps1;

struct kit {
	struct ca_call *ca;
	const char *folder;
	const struct authority_config *config;
	const struct templates *templates;
	X509 *const *chain;
	size_t n_chain;
};

/* PowerShell takes typographic quotation marks for "'", and two of any of these for one inside. */
static size_t quote_length(struct str s)
{
	if (str_starts(s, "'"))
		return 1;
	return s.n >= 3 && str_starts(s, "\xe2\x80") && (unsigned char)s.p[2] >= 0x98 && (unsigned char)s.p[2] <= 0x9b
		       ? 3
		       : 0;
}

static void put_quoted(struct out *o, struct str s)
{
	out_char(o, '\'');
	for (size_t n; s.n > 0; s = str_skip(s, n ? n : 1)) {
		n = quote_length(s);
		out_str(o, str_first(s, n));
		out_str(o, str_first(s, n ? n : 1));
	}
	out_char(o, '\'');
}

/* A value of cepces.conf, whose reader replaces ${NAME} and takes $$ for a dollar sign. */
static void put_cepces_value(struct out *o, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		out_text(o, s.p[i] == '$' ? "$" : "");
		out_char(o, s.p[i]);
	}
}

/*
 * The key of a policy server in the registry, as Windows names it: the SHA-1 of the address in lower-case UTF-16.  check()
 * has seen that the address is ASCII.
 */
static struct str registry_key(struct arena *a, struct str url)
{
	struct str lower = str_lower(a, url);
	char *wide = ARENA_ARRAY(a, char, 2 * lower.n);
	unsigned char hash[20];
	for (size_t i = 0; i < lower.n; i++)
		wide[2 * i] = lower.p[i];
	EVP_Digest(wide, 2 * lower.n, hash, NULL, EVP_sha1(), NULL);
	return str_hex(a, (struct str){ (const char *)hash, sizeof hash });
}

static bool is_policy(const struct instance_config *instance, enum instance_login login)
{
	return instance->protocol.n == INSTANCE_CEP && instance->login.n == login;
}

/* The policy service that a login tries first; NULL: there is none. */
static const struct instance_config *first_policy(const struct kit *kit, enum instance_login login)
{
	const struct instance_config *instances = kit->config->instances.v, *first = NULL;
	for (size_t i = 0; i < kit->config->instances.n; i++)
		if (is_policy(&instances[i], login) && (!first || instances[i].priority.n < first->priority.n))
			first = &instances[i];
	return first;
}

static void put_policies(struct kit *kit, struct out *o, enum instance_login login)
{
	const struct instance_config *instances = kit->config->instances.v;
	for (size_t i = 0; i < kit->config->instances.n; i++) {
		if (!is_policy(&instances[i], login))
			continue;
		out_text(o, "        @{ Url = ");
		put_quoted(o, instances[i].url.s);
		out_printf(o, "; Login = '%s'; Priority = %llu; Key = '%.*s' }\n",
			   login == LOGIN_PASSWORD ? "Password" : "Certificate",
			   (unsigned long long)instances[i].priority.n,
			   STR_ARG(registry_key(kit->ca->call->arena, instances[i].url.s)));
	}
}

static bool is_for_clients(const struct template *t)
{
	return t->enrol.n > 0 && !str_is(t->name.s, LISTENER_TEMPLATE);
}

static void put_templates(struct kit *kit, struct out *o)
{
	for (size_t i = 0; i < kit->templates->n; i++) {
		const struct template *t = &kit->templates->v[i];
		if (!is_for_clients(t))
			continue;
		out_text(o, "        ");
		put_quoted(o, t->name.s);
		out_text(o, t->machine.on ? " = 'Machine'\n" : " = 'User'\n");
	}
}

static bool is_root(X509 *c)
{
	return X509_self_signed(c, 1) == 1;
}

static const char *file_of(struct kit *kit, size_t i)
{
	return arena_printf(kit->ca->call->arena, is_root(kit->chain[i]) ? "root-%zu.cer" : "issuer-%zu.cer", i + 1);
}

static void put_files(struct kit *kit, struct out *o, const char *key, bool roots)
{
	size_t n = 0;
	out_printf(o, "    %s = @(", key);
	for (size_t i = 0; i < kit->n_chain; i++)
		if (is_root(kit->chain[i]) == roots)
			out_printf(o, "%s'%s'", n++ ? ", " : "", file_of(kit, i));
	out_text(o, ")\n");
}

static void put_facts(struct kit *kit, struct out *o)
{
	out_text(o,
		 BYTE_ORDER_MARK "# What is particular to this authority; enrol.ps1 and group-policy.ps1 read it.\n@{\n"
				 "    FriendlyName = ");
	put_quoted(o, kit->config->display.s);
	out_text(o, "\n    PolicyId = ");
	put_quoted(o, kit->config->policy.s);
	out_text(o,
		 "\n    # The lower priority is tried first: renewals do not ask for a password.\n    Policies = @(\n");
	put_policies(kit, o, LOGIN_PASSWORD);
	put_policies(kit, o, LOGIN_CERTIFICATE);
	out_text(o, "    )\n    Templates = @{\n");
	put_templates(kit, o);
	out_text(o, "    }\n");
	put_files(kit, o, "Roots", true);
	put_files(kit, o, "Intermediates", false);
	out_text(o, "}\n");
}

static void put_commands_of(struct kit *kit, struct out *o, const struct template *t)
{
	bool machine = t->machine.on;
	out_text(o, "\n# Template ");
	put_quoted(o, t->name.s);
	out_text(o, ": enrol in PowerShell or by certreq, then renew by the certificate with this thumbprint.\n"
		    "Get-Certificate -Url ");
	put_quoted(o, first_policy(kit, LOGIN_PASSWORD)->url.s);
	out_text(o, " -Template ");
	put_quoted(o, t->name.s);
	out_printf(o, " -CertStoreLocation %s -Credential (Get-Credential)\ncertreq -enroll%s -PolicyServer ",
		   machine ? "Cert:\\LocalMachine\\My" : "Cert:\\CurrentUser\\My", machine ? " -machine" : "");
	put_quoted(o, first_policy(kit, LOGIN_PASSWORD)->url.s);
	out_text(o, " -UserName USER ");
	put_quoted(o, t->name.s);
	out_printf(o, "\ncertreq%s -q -enroll -cert THUMBPRINT renew\n", machine ? " -machine" : "");
}

static void put_commands(struct kit *kit, struct out *o)
{
	out_text(o, "# For PowerShell; those for a computer need an administrator.  certutil trusts the authority.\n");
	for (size_t i = 0; i < kit->n_chain; i++)
		out_printf(o, "certutil -addstore %s %s\n", is_root(kit->chain[i]) ? "Root" : "CA", file_of(kit, i));
	for (size_t i = 0; i < kit->templates->n; i++)
		if (is_for_clients(&kit->templates->v[i]))
			put_commands_of(kit, o, &kit->templates->v[i]);
	out_text(o, "\n# What waited for an operator is fetched, and what is due is renewed, now instead of within "
		    "eight hours.\n"
		    "certutil -pulse\n");
}

static void put_cepces(struct kit *kit, struct out *o, enum instance_login login)
{
	bool password = login == LOGIN_PASSWORD;
	out_text(o, "# cepces with certmonger, as /etc/cepces/cepces.conf.\n[global]\nserver=");
	put_cepces_value(o, kit->config->host.s);
	out_printf(o, "\ntype=Policy\nauth=%s\nendpoint=", password ? "UsernamePassword" : "Certificate");
	put_cepces_value(o, first_policy(kit, login)->url.s);
	out_text(o, "\n# the certificates that the server is verified with\ncas=/etc/cepces/ca.pem\n");
	out_text(o, password ? "\n[usernamepassword]\n# the account; its password is asked for once and kept in the "
			       "kernel's keyring\n"
			       "#username=USER\n"
			     : "\n[certificate]\n# the certificate that is renewed, and its key\n"
			       "#certfile=/etc/pki/tls/certs/machine.pem\n#keyfile=/etc/pki/tls/private/machine.key\n");
}

static bool keep(struct kit *kit, const char *name, struct str bytes)
{
	struct invocation *call = kit->ca->call;
	return file_replace(call->arena, arena_printf(call->arena, "%s/%s", kit->folder, name), bytes, 0644,
			    call->diag);
}

static bool keep_text(struct kit *kit, const char *name, void (*put)(struct kit *kit, struct out *o))
{
	struct out o = out_memory(KIT_FILE_MAX);
	put(kit, &o);
	bool ok = o.error == 0 && keep(kit, name, out_view(&o));
	if (o.error)
		diag_error(kit->ca->call->diag, NOWHERE, "\"%s\" would be longer than %d bytes", name, KIT_FILE_MAX);
	out_free(&o);
	return ok;
}

static void put_cepces_enrol(struct kit *kit, struct out *o)
{
	put_cepces(kit, o, LOGIN_PASSWORD);
}

static void put_cepces_renew(struct kit *kit, struct out *o)
{
	put_cepces(kit, o, LOGIN_CERTIFICATE);
}

/* Each certificate as Windows takes it, and all of them as OpenSSL does. */
static bool keep_certificates(struct kit *kit)
{
	struct arena *a = kit->ca->call->arena;
	struct str all = NO_STR;
	for (size_t i = 0; i < kit->n_chain; i++) {
		if (!keep(kit, file_of(kit, i), certificate_der(a, kit->chain[i])))
			return false;
		all = str_printf(a, "%.*s%.*s", STR_ARG(all), STR_ARG(certificate_pem(a, kit->chain[i])));
	}
	return keep(kit, "ca.pem", all);
}

static void check_addresses(struct kit *kit)
{
	const struct instance_config *instances = kit->config->instances.v;
	for (size_t i = 0; i < kit->config->instances.n; i++)
		for (size_t j = 0; j < instances[i].url.s.n; j++)
			if ((unsigned char)instances[i].url.s.p[j] >= 0x80) {
				diag_error(kit->ca->call->diag, instances[i].at,
					   "the address \"%.*s\" is not ASCII; encode it with percent signs",
					   STR_ARG(instances[i].url.s));
				break;
			}
}

static void check(struct kit *kit)
{
	struct diag *d = kit->ca->call->diag;
	const struct authority_config *c = kit->config;
	size_t templates = 0, roots = 0;
	if (!first_policy(kit, LOGIN_PASSWORD))
		diag_error(d, c->instances.at,
			   "Windows and cepces enrol by an instance with protocol: cep and login: password; "
			   "there is none");
	if (!str_is_visible(c->display.s))
		diag_error(d, c->display.at, "the name that clients show has control characters");
	for (size_t i = 0; i < kit->templates->n; i++)
		templates += is_for_clients(&kit->templates->v[i]);
	for (size_t i = 0; i < kit->n_chain; i++)
		roots += is_root(kit->chain[i]);
	check_addresses(kit);
	if (!templates)
		diag_error(d, NOWHERE, "no template has accounts that may enrol");
	if (!roots)
		diag_error(d, NOWHERE,
			   "\"%s/ca.pem\" ends below the root, which clients have to trust; add it at the end",
			   kit->ca->folder);
}

enum status ca_client_kit(struct ca_call *ca)
{
	struct arena *a = ca->call->arena;
	struct diag *d = ca->call->diag;
	struct kit kit = { .ca = ca, .folder = ca->operands[0], .config = authority_config_read(a, ca->folder, d) };
	if (kit.config)
		kit.templates = templates_read(a, arena_printf(a, "%s/templates", ca->folder), d);
	if (kit.templates)
		kit.chain = authority_chain(a, ca->folder, &kit.n_chain, d);
	if (kit.chain)
		check(&kit);
	if (diag_errors(d))
		return STATUS_INPUT;
	if (mkdir(kit.folder, 0755) < 0 && errno != EEXIST) {
		diag_machine(d, errno, "cannot make \"%s\"", kit.folder);
		return STATUS_MACHINE;
	}
	bool ok = keep_certificates(&kit) && keep_text(&kit, "authority.psd1", put_facts) &&
		  keep(&kit, "enrol.ps1", asset_enrol_ps1.text) &&
		  keep(&kit, "group-policy.ps1", asset_group_policy_ps1.text) &&
		  keep_text(&kit, "commands.txt", put_commands) && keep_text(&kit, "cepces.conf", put_cepces_enrol) &&
		  (!first_policy(&kit, LOGIN_CERTIFICATE) || keep_text(&kit, "cepces-renewal.conf", put_cepces_renew));
	return ok ? STATUS_WELL : STATUS_MACHINE;
}
