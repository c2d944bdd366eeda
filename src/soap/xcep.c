/* SPDX-License-Identifier: Apache-2.0 */
/* GetPolicies as a server reads it and a client writes it. */
#include "soap/xcep.h"

#include "base/vec.h"

enum { VERSION_MOST = 5, VERSION_OF_NIL = 3, OIDS_MAX = 200 };

static bool wrong(struct soap_fault *fault, const char *text)
{
	*fault = (struct soap_fault){ .code = SOAP_SENDER, .subcode = "wst:InvalidRequest", .text = str_of(text) };
	return false;
}

static bool is_given(const struct xml *node)
{
	return node && !xml_is_nil(node) && xml_text(node).n > 0;
}

static bool read_version(const struct xml *node, bool *has, uint64_t *version)
{
	*has = is_given(node);
	*version = VERSION_OF_NIL;
	if (!*has)
		return true;
	if (!str_to_u64(xml_text(node), INT32_MAX, version))
		return false;
	/* 0 is the newest that there is, and so is what is newer. */
	if (*version == 0 || *version > VERSION_MOST)
		*version = VERSION_MOST;
	return true;
}

static bool read_filter(struct arena *a, const struct xml *filter, struct xcep_request *ret)
{
	const struct xml *oids = xml_child(filter, NS_XCEP, "policyOIDs");
	VEC(struct str) list = { 0 };
	for (const struct xml *node = xml_child(oids, NS_XCEP, "oid"); node; node = xml_next(node, NS_XCEP, "oid")) {
		if (list.n == OIDS_MAX)
			return false;
		*VEC_ADD(a, &list) = xml_text(node);
	}
	ret->oids = (struct strs_field){ list.v, list.n };
	ret->has_filter = true;
	return read_version(xml_child(filter, NS_XCEP, "clientVersion"), &ret->has_client, &ret->client_version) &&
	       read_version(xml_child(filter, NS_XCEP, "serverVersion"), &ret->has_server, &ret->server_version);
}

bool xcep_read_request(struct arena *a, const struct xml *body, struct xcep_request *ret, struct soap_fault *fault)
{
	*ret = (struct xcep_request){ .client_version = VERSION_OF_NIL, .server_version = VERSION_MOST };
	if (!xml_is(body, NS_XCEP, "GetPolicies"))
		return wrong(fault, "The body is not GetPolicies.");
	bool twice = false;
	const struct xml *client = xml_only(body, NS_XCEP, "client", &twice),
			 *filter = xml_only(body, NS_XCEP, "requestFilter", &twice),
			 *updated = xml_only(client, NS_XCEP, "lastUpdate", &twice);
	if (twice || !client || xml_is_nil(client))
		return wrong(fault, "GetPolicies needs one client element that is not nil.");
	ret->has_last_update = is_given(updated);
	if (ret->has_last_update && !soap_time(xml_text(updated), &ret->last_update))
		return wrong(fault, "lastUpdate is not a date and time.");
	if (filter && !xml_is_nil(filter) && !read_filter(a, filter, ret))
		return wrong(fault, "The request filter is malformed.");
	return true;
}

bool xcep_shows(const struct xcep_request *r, const struct template_view *t)
{
	enum { CLIENT = 0x0F000000, CLIENT_SHIFT = 24, SERVER = 0x000F0000, SERVER_SHIFT = 16 };
	if ((t->key_flags & CLIENT) > r->client_version << CLIENT_SHIFT ||
	    (t->key_flags & SERVER) > r->server_version << SERVER_SHIFT)
		return false;
	bool found = r->oids.n == 0;
	for (size_t i = 0; i < r->oids.n && !found; i++)
		found = str_eq(r->oids.v[i], t->oid);
	return found;
}

void xcep_write_request(struct out *o, struct str message_id, struct str to, struct str username, struct str password)
{
	soap_begin_request(o, ACTION_GET_POLICIES, message_id, to, username, password);
	out_text(o, "<GetPolicies xmlns=\"" NS_XCEP "\"><client>");
	soap_put(o, "lastUpdate", NO_STR);
	soap_put(o, "preferredLanguage", NO_STR);
	out_text(o, "</client><requestFilter>");
	soap_put(o, "policyOIDs", NO_STR);
	soap_put_number(o, "clientVersion", 0);
	soap_put_number(o, "serverVersion", 0);
	out_text(o, "</requestFilter></GetPolicies>");
	soap_end(o);
}
