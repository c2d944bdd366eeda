/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an earlier file of security groups made and a new one has not, as a script of AWS's command line: permissions are
 * revoked and tags deleted in groups that stay, groups that are gone are deleted.
 *
 * Groups of ours are known by their names, which begin with "portolan-"; a file with another one is refused.
 */
#include "dialect/aws/aws.h"
#include "doc/json-tree.h"

#define SET_OF_GROUPS "SecurityGroups"

struct kept_group {
	struct str name;
	struct strmap says;             /* its permissions and tags, as the removal writes them */
	VEC(struct str) permissions[2]; /* ingress, egress: as --ip-permissions takes them */
	VEC(struct str) tags;
};

struct group_list {
	VEC(struct kept_group *) v;
	struct strmap by_name;
};

static const char *const lists[2] = { "IpPermissions", "IpPermissionsEgress" };
static const char *const verbs[2] = { "revoke-security-group-ingress", "revoke-security-group-egress" };

/* The prefixes of a permission, each as a permission of its own: a group may lose one and keep the others. */
static bool add_prefixes(struct arena *a, struct kept_group *g, bool out, const struct node *n, bool six)
{
	struct node_list list = node_list(a, node_get(n, six ? "Ipv6Ranges" : "IpRanges"));
	struct str protocol = node_str(n, "IpProtocol"), from = node_str(n, "FromPort"), to = node_str(n, "ToPort");
	char ports[64] = "";
	uint32_t number;
	if (from.n && (!to.n || !(str_is(from, "-1") || str_to_u32(from, 65535, &number)) ||
		       !(str_is(to, "-1") || str_to_u32(to, 65535, &number))))
		return false;
	if (from.n)
		snprintf(ports, sizeof ports, ",\"FromPort\":%.*s,\"ToPort\":%.*s", STR_ARG(from), STR_ARG(to));
	if (!str_is_plain(protocol, "-"))
		return false;
	for (size_t i = 0; i < list.n; i++) {
		struct str prefix = node_str(list.v[i], six ? "CidrIpv6" : "CidrIp");
		if (!str_is_plain(prefix, ".:/"))
			return false;
		struct str text = str_printf(a, "[{\"IpProtocol\":\"%.*s\"%s,\"%s\":[{\"%s\":\"%.*s\"}]}]",
					     STR_ARG(protocol), ports, six ? "Ipv6Ranges" : "IpRanges",
					     six ? "CidrIpv6" : "CidrIp", STR_ARG(prefix));
		*VEC_ADD(a, &g->permissions[out]) = text;
		strmap_add(&g->says, str_printf(a, "%d %.*s", out, STR_ARG(text)), g);
	}
	return true;
}

static bool add_group(struct arena *a, struct group_list *all, const struct node *n, struct diag *d)
{
	struct kept_group *g = ARENA_NEW(a, struct kept_group);
	*g = (struct kept_group){ .name = node_str(n, "GroupName"), .says = strmap_new(a) };
	bool ok = str_starts(g->name, "portolan-") && str_is_plain(g->name, "-_.");
	for (int out = 0; out < 2 && ok; out++) {
		struct node_list list = node_list(a, node_get(n, lists[out]));
		for (size_t i = 0; i < list.n && ok; i++)
			ok = add_prefixes(a, g, out, list.v[i], false) && add_prefixes(a, g, out, list.v[i], true);
	}
	struct node_list tags = node_list(a, node_get(n, "Tags"));
	for (size_t i = 0; i < tags.n && ok; i++) {
		struct str key = node_str(tags.v[i], "Key");
		ok = str_is_plain(key, "-:");
		*VEC_ADD(a, &g->tags) = key;
		strmap_add(&g->says, str_printf(a, "tag %.*s", STR_ARG(key)), g);
	}
	if (!ok)
		return diag_error(d, n->at,
				  "this is not a group as portolan writes it; what others wrote is not removed");
	*VEC_ADD(a, &all->v) = g;
	strmap_add(&all->by_name, g->name, g);
	return true;
}

static bool read_groups(struct arena *a, const struct source *s, struct group_list *all, struct diag *d)
{
	const struct node *n = json_parse(a, s, d);
	*all = (struct group_list){ .by_name = strmap_new(a) };
	if (!n)
		return false;
	const struct node *file = n->n == 1 ? n->items[0] : NULL;
	if (!file || file->kind != NODE_MAP || !node_get(file, SET_OF_GROUPS))
		return diag_error(d, loc_line(s, 1),
				  "this is not a file that portolan wrote: " SET_OF_GROUPS " is missing");
	struct node_list groups = node_list(a, node_get(file, SET_OF_GROUPS));
	for (size_t i = 0; i < groups.n; i++)
		if (!add_group(a, all, groups.v[i], d))
			return false;
	return true;
}

static void put_gone(struct arena *a, const struct kept_group *was, const struct kept_group *is, struct out *o)
{
	for (int out = 0; out < 2; out++)
		for (size_t i = 0; i < was->permissions[out].n; i++) {
			struct str text = was->permissions[out].v[i];
			if (!strmap_get(&is->says, str_printf(a, "%d %.*s", out, STR_ARG(text))))
				out_printf(
					o,
					"group=$(id %.*s)\naws ec2 %s --group-id \"$group\" --ip-permissions '%.*s'\n",
					STR_ARG(was->name), verbs[out], STR_ARG(text));
		}
	for (size_t i = 0; i < was->tags.n; i++)
		if (!strmap_get(&is->says, str_printf(a, "tag %.*s", STR_ARG(was->tags.v[i]))))
			out_printf(o, "group=$(id %.*s)\naws ec2 delete-tags --resources \"$group\" --tags Key=%.*s\n",
				   STR_ARG(was->name), STR_ARG(was->tags.v[i]));
}

static bool write(struct arena *a, const struct source *before, const struct source *now, struct out *o, struct diag *d)
{
	struct group_list was, is;
	if (!read_groups(a, before, &was, d) || !read_groups(a, now, &is, d))
		return false;
	out_text(
		o,
		"# VPC=vpc-...: the network, where several have groups of these names.  A group that is to be deleted\n"
		"# must be taken off the interfaces that have it.\n"
		"set -eu\n"
		"id() {\n"
		"\tids=$(aws ec2 describe-security-groups --filters \"Name=group-name,Values=$1\" "
		"${VPC:+\"Name=vpc-id,Values=$VPC\"} \\\n"
		"\t\t--query 'SecurityGroups[].GroupId' --output text)\n"
		"\tcase $ids in\n"
		"\t'' | *[!a-z0-9-]*) echo \"there is not one group $1\" >&2; return 1 ;;\n"
		"\tesac\n"
		"\techo \"$ids\"\n"
		"}\n");
	for (size_t i = 0; i < was.v.n; i++) {
		const struct kept_group *stays = strmap_get(&is.by_name, was.v.v[i]->name);
		if (stays)
			put_gone(a, was.v.v[i], stays, o);
	}
	for (size_t i = 0; i < was.v.n; i++)
		if (!strmap_get(&is.by_name, was.v.v[i]->name))
			out_printf(o, "group=$(id %.*s)\naws ec2 delete-security-group --group-id \"$group\"\n",
				   STR_ARG(was.v.v[i]->name));
	return true;
}

const struct dialect_removal aws_sg_removal = { .write = write, .when = "after" };
