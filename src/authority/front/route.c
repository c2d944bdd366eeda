/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/front/route.h"

bool route_decode(struct arena *a, struct str target, struct str *path, struct str *query)
{
	size_t mark = str_find(target, '?');
	*query = str_skip(target, mark == SIZE_MAX ? mark : mark + 1);
	if (!str_uri_decode(a, str_first(target, mark), false, path))
		return false;
	return str_starts(*path, "/") && str_find(*path, '\0') == SIZE_MAX &&
	       str_find_text(*path, STR("/../")) == SIZE_MAX && !str_ends(*path, "/..");
}

/* The rest of a path after its start, in any case; false when it begins otherwise.  A "/" at the end is nothing. */
static bool rest_after(struct str path, struct str start, struct str *rest)
{
	if (path.n < start.n || !str_ieq(str_first(path, start.n), start))
		return false;
	*rest = str_skip(path, start.n);
	if (str_is(*rest, "/"))
		*rest = STR("");
	return rest->n == 0 || rest->p[0] == '/';
}

/* Some clients post to ".../service.svc", without its last part. */
static bool is_without_end(struct str path, struct str whole)
{
	static const char *const ends[] = { "/CEP", "/CES" };
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct str rest, start = str_first(whole, whole.n - strlen(ends[i]));
		if (str_ends(whole, ends[i]) && rest_after(path, start, &rest) && rest.n == 0)
			return true;
	}
	return false;
}

static bool serves(const struct instance_config *instance, const struct listener_config *l)
{
	for (size_t i = 0; i < instance->listeners.n; i++)
		if (str_eq(instance->listeners.v[i].s, l->name.s))
			return true;
	return false;
}

static bool is_kerberos(struct str path)
{
	return str_contains_ci(path, STR("_Kerberos/service.svc"));
}

const struct web_protocol *route_find(const struct listener_config *l, struct web_request *r)
{
	static const struct web_protocol *const protocols[N_INSTANCES] = {
		[INSTANCE_CEP] = &web_cep,
		[INSTANCE_CES] = &web_ces,
		[INSTANCE_EST] = &web_est,
	};
	const struct instance_config *instances = r->config->instances.v;
	r->rest = r->path;
	if (l->metrics.on)
		return &web_metrics;
	if (l->plain.on)
		return &web_publish;
	for (size_t i = 0; i < r->config->instances.n; i++) {
		const struct instance_config *instance = &instances[i];
		bool rests = instance->protocol.n == INSTANCE_EST;
		if (!serves(instance, l))
			continue;
		if (is_without_end(r->path, instance->path.s))
			r->rest = STR("");
		else if (!rest_after(r->path, instance->path.s, &r->rest) || (r->rest.n > 0 && !rests))
			continue;
		r->instance = instance;
		return protocols[instance->protocol.n];
	}
	return is_kerberos(r->path) ? &web_kerberos : NULL;
}
