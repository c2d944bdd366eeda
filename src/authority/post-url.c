/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/post-url.h"

static bool is_host(struct str host)
{
	return str_is_plain(host, ".-_:") && host.n < 254;
}

const char *post_url_read(struct arena *a, struct str text, struct post_url *ret)
{
	uint64_t number;
	*ret = (struct post_url){ .tls = str_starts(text, "https://") };
	if (!ret->tls && !str_starts(text, "http://"))
		return "it begins with neither https:// nor http://";
	struct str rest = str_skip(text, strlen(ret->tls ? "https://" : "http://"));
	for (size_t i = 0; i < rest.n; i++)
		if (rest.p[i] <= ' ' || rest.p[i] > '~' || rest.p[i] == '#')
			return "it has a character that an address does not have";
	size_t slash = MIN(str_find(rest, '/'), rest.n);
	ret->authority = str_first(rest, slash);
	ret->path = slash < rest.n ? str_skip(rest, slash) : STR("/");
	struct str host = ret->authority;
	bool six = str_starts(host, "[");
	size_t end = six ? str_find(host, ']') : MIN(str_find(host, ':'), host.n);
	if (end == SIZE_MAX)
		return "a bracket is not closed";
	struct str after = str_skip(host, six ? end + 1 : end);
	ret->host = six ? str_skip(str_first(host, end), 1) : str_first(host, end);
	ret->port = after.n ? str_skip(after, 1) : ret->tls ? STR("443") : STR("80");
	if ((after.n && after.p[0] != ':') || !str_to_u64(ret->port, 65535, &number) || !number)
		return "its port is not a number from 1 to 65535";
	ret->host = str_of(cstr(a, ret->host));
	ret->port = str_of(cstr(a, ret->port));
	return is_host(ret->host) ? NULL : "its host is not a name or an address";
}
