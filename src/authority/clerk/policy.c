/* SPDX-License-Identifier: Apache-2.0 */
/* What a client sees of the policy: the templates it may enrol for, and where (MS-XCEP 3.1.4.1.3). */
#include "authority/clerk/clerk.h"
#include "authority/template-fields.h"

enum { XCEP_PASSWORD = 4, XCEP_CERTIFICATE = 8 };

static struct strs_field texts_of(struct arena *a, const struct names *list)
{
	struct strs_field ret = { ARENA_ARRAY(a, struct str, list->n), list->n };
	for (size_t i = 0; i < list->n; i++)
		ret.v[i] = list->v[i].s;
	return ret;
}

/* By the object identifier of the key, which templates of schema 1 and 2 do not say. */
static struct str key_algorithm(const struct template *t)
{
	static const char *const oids[N_KEYS] = { "1.2.840.113549.1.1.1", "1.2.840.10045.3.1.7", "1.3.132.0.34",
						  "1.3.132.0.35" };
	return t->schema.n < 3 ? NO_STR : str_of(oids[t->key.n]);
}

static struct template_view view_of(struct arena *a, const struct template *t, const struct account *account,
				    bool enrol)
{
	static const uint64_t bits[N_KEYS] = { 0, 256, 384, 521 };
	return (struct template_view){
		.name = t->name.s,
		.display = t->display.s,
		.oid = t->oid.s,
		.schema = t->schema.n,
		.major = t->major.n,
		.minor = t->minor.n,
		.validity = t->validity.n,
		.renewal = t->renewal.n,
		.enrol = enrol,
		.autoenrol = enrol && account_in(account, &t->autoenrol),
		.key_bits = t->key.n == KEY_RSA ? t->key_bits.n : bits[t->key.n],
		.key_spec = t->key_spec.n,
		.key_algorithm = key_algorithm(t),
		.providers = texts_of(a, &t->providers),
		.key_flags = template_key_flags(t),
		.name_flags = template_name_flags(t),
		.enrolment_flags = template_enrolment_flags(t),
		.general_flags = template_general_flags(t),
		.ekus = { t->eku_oids, t->n_eku_oids },
		.usages = t->usage_bits,
	};
}

/* Through the variant for key-based renewal, only its templates; the holder of a certificate may renew it without a right. */
static bool sees(const struct job *j, const struct ask_policy *ask, const struct template *t, bool *enrol)
{
	const struct asker *who = &j->asker;
	bool own = who->by_certificate && str_eq(who->tls.template_oid, t->oid.s);
	*enrol = account_in(&who->account, &t->enrol) || (own && t->key_based_renewal.on);
	if (ask->key_based_renewal)
		return t->key_based_renewal.on && *enrol;
	return *enrol || account_in(&who->account, &t->read);
}

static void add_uris(struct clerk *c, struct arena *a, struct enrolment_uris *ret)
{
	const struct instance_config *instances = c->config->instances.v;
	ret->v = ARENA_ARRAY(a, struct enrolment_uri, c->config->instances.n);
	for (size_t i = 0; i < c->config->instances.n; i++) {
		const struct instance_config *instance = &instances[i];
		if (instance->protocol.n != INSTANCE_CES)
			continue;
		ret->v[ret->n++] = (struct enrolment_uri){
			.authentication = instance->login.n == LOGIN_PASSWORD ? XCEP_PASSWORD : XCEP_CERTIFICATE,
			.priority = instance->priority.n,
			.renewal_only = instance->renewal_only.on,
			.uri = instance->url.s,
		};
	}
}

/* Of the keys before the one that signs: what they issued goes on. */
static struct strs_field former_authorities(const struct clerk *c, struct arena *a)
{
	struct strs_field former = { ARENA_ARRAY(a, struct str, c->terms.n_keys), 0 };
	for (size_t key = c->terms.n_keys - 1; key-- > 0;)
		if (!key_is_over(c, key))
			former.v[former.n++] = c->terms.keys[key].der;
	return former;
}

static void tell(struct clerk *c, struct job *j)
{
	const struct ask_policy *ask = j->asked;
	struct tell_policy told = {
		.policy_id = c->config->policy.s,
		.friendly_name = c->config->display.s,
		.next_update_hours = c->config->next_update_hours.n,
		.authority = c->terms.chain.v[0],
		.former = former_authorities(c, j->arena),
	};
	struct template_view *views = ARENA_ARRAY(j->arena, struct template_view, c->terms.templates->n);
	size_t n = 0;
	bool enrol;
	for (size_t i = 0; i < c->terms.templates->n; i++) {
		if (!sees(j, ask, &c->terms.templates->v[i], &enrol))
			continue;
		views[n++] = view_of(j->arena, &c->terms.templates->v[i], &j->asker.account, enrol);
		told.enrol |= enrol;
	}
	told.templates = (struct template_views){ views, n };
	store_number(c->store, "policy-changed", &told.changed);
	add_uris(c, j->arena, &told.uris);
	job_answer(j, TELL_POLICY, &told);
}

void clerk_policy(struct clerk *c, struct job *j)
{
	login(c, j, true, tell);
}
