/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/tasks.h"

#include "base/hash.h"
#include "base/strmap.h"
#include "base/vec.h"
#include "model/error-code.h"
#include "probe/plain.h"
#include "probe/tasks-priv.h"

const struct probe *probe_of_service(const struct catalogue *c, int service, uint8_t protocol)
{
	const struct probe *found = service < 0 ? NULL : probe_find(c->services[service].application, protocol);
	if (found)
		return found;
	if (protocol == PROTO_ICMP || protocol == PROTO_ICMP6)
		return probe_find(STR("icmp"), protocol);
	return protocol == PROTO_UDP ? &probe_plain_udp : &probe_plain_tcp;
}

void target_name(struct target *t, struct str name)
{
	size_t dot = str_find(name, '.');
	struct addr ignored;
	if (addr_parse(name, &ignored))
		return;
	t->name = name;
	if (dot != SIZE_MAX && str_find(str_skip(name, dot + 1), '.') != SIZE_MAX)
		t->domain = str_skip(name, dot + 1);
}

void tasks_add(struct task_list *list, const struct probe_task *task, const struct probe_subject *subject)
{
	if (list->tasks.n == TASKS_MAX) {
		list->too_many = true;
		return;
	}
	*VEC_ADD(list->arena, &list->tasks) = *task;
	*VEC_ADD(list->arena, &list->subjects) = *subject;
}

bool service_is_tls(const struct service *s)
{
	/* services that differ from others of their application in this alone: winrm-https */
	return str_find_text(s->id, STR("-https")) != SIZE_MAX;
}

struct maker {
	struct task_list list;
	const struct probe_choice *choice;
	const struct catalogue *catalogue;
	struct strmap planned; /* "address protocol port" of what may be reached from here */
	uint16_t mapper_port;
};

/* The port of the endpoint mapper: where the exchange of every RPC service begins. */
static uint16_t find_mapper(const struct catalogue *c)
{
	for (size_t i = 0; i < c->n_services; i++) {
		const struct service *s = &c->services[i];
		uint32_t port;
		for (size_t j = 0; str_is(s->application, "dcerpc-epm") && j < s->n_endpoints; j++)
			if (str_is(s->endpoints[j].protocol, "tcp") && str_to_u32(s->endpoints[j].ports, 65535, &port))
				return (uint16_t)port;
	}
	return 0;
}

/* Of a flow by hand: the only service that has its port by default. */
static int service_at(const struct catalogue *c, uint8_t protocol, uint16_t port)
{
	char text[PORT_TEXT], proto[PROTOCOL_TEXT];
	int found = -1;
	port_range_text((struct port_range){ port, port }, text);
	protocol_text(protocol, proto);
	for (size_t i = 0; i < c->n_services; i++) {
		const struct service *s = &c->services[i];
		for (size_t j = 0; j < s->n_endpoints; j++) {
			if (!str_is(s->endpoints[j].protocol, proto) || !str_is(s->endpoints[j].ports, text))
				continue;
			if (found >= 0 && !str_eq(c->services[found].application, s->application))
				return -1;
			found = found < 0 ? (int)i : found;
		}
	}
	return found;
}

void target_interface(struct target *t, const struct interface *from)
{
	struct str rest = from->version, part;
	uint32_t number = 0;
	if (!uuid_parse(from->uuid, t->interface.syntax.uuid))
		return;
	t->interface.name = from->id;
	t->interface.dcom = from->dcom;
	if (str_cut(&rest, '.', &part) && str_to_u32(part, UINT16_MAX, &number))
		t->interface.syntax.major = (uint16_t)number;
	if (str_to_u32(rest, UINT16_MAX, &number))
		t->interface.syntax.minor = (uint16_t)number;
}

bool host_plays(const struct catalogue *c, const struct host *h, const char *id)
{
	int role = catalogue_role(c, str_of(id));
	return h && role >= 0 && host_has_role(h, (role_id)role);
}

/* The own address for a target: one of the endpoint that the flow comes from. */
static bool choose_source(const struct maker *m, const struct endpoint *from, enum family family, struct addr *ret)
{
	const struct probe_choice *choice = m->choice;
	if (choice->has_source) {
		*ret = choice->source;
		return choice->source.family == family;
	}
	for (size_t i = 0; i < choice->own.n; i++)
		if (choice->own.v[i].family == family && addrset_holds(from->addresses, choice->own.v[i])) {
			*ret = choice->own.v[i];
			return true;
		}
	return false;
}

/* Whether flows of this family begin here at all. */
static bool speaks(const struct maker *m, const struct endpoint *from, enum family family)
{
	struct addr ignored;
	if (m->choice->has_source || m->choice->own.n)
		return choose_source(m, from, family, &ignored);
	return addrset_part(from->addresses, family).n > 0;
}

/* The database instance that listens on a port of the host. */
static struct str instance_at(const struct host *h, struct port_range ports)
{
	const struct instance *all = h ? h->instances.v : NULL;
	for (size_t i = 0; all && i < h->instances.n; i++)
		for (size_t j = 0; j < all[i].ports.n; j++)
			if (all[i].ports.v[j].ports.lo == ports.lo && all[i].ports.v[j].ports.hi == ports.hi)
				return all[i].name.s;
	return NO_STR;
}

size_t spread_ports(struct port_range r, size_t sample, uint16_t *ret)
{
	size_t width = (size_t)r.hi - r.lo + 1, n = MAX(MIN(width, sample), (size_t)1);
	for (size_t i = 0; i < n; i++)
		ret[i] = (uint16_t)(r.lo + (n == 1 ? 0 : (width - 1) * i / (n - 1)));
	return n;
}

static void add_interfaces(struct maker *m, struct probe_task *task, struct probe_subject *subject,
			   const struct bundle_item *it)
{
	size_t n;
	const uint16_t *ids = item_rpc_interfaces(m->list.arena, it, &n);
	/* a port that no mapper hands out is asked itself */
	task->target.port = it->ports.lo == it->ports.hi ? it->ports.lo : m->mapper_port;
	task->target.ports = it->ports;
	for (size_t i = 0; i < n; i++)
		task->target.dcom_endpoint |= it->ports.lo == it->ports.hi && m->catalogue->interfaces[ids[i]].dcom;
	for (size_t i = 0; i < n; i++) {
		target_interface(&task->target, &m->catalogue->interfaces[ids[i]]);
		subject->interface = task->target.interface.name;
		tasks_add(&m->list, task, subject);
	}
	if (n == 0)
		tasks_add(&m->list, task, subject);
}

static void add_ports(struct maker *m, struct probe_task *task, struct probe_subject *subject,
		      const struct bundle_item *it, int service)
{
	enum { PORTS_MAX = 64 };
	uint16_t ports[PORTS_MAX];
	size_t n = spread_ports(it->ports, MIN(m->choice->sample, (size_t)PORTS_MAX), ports);
	task->target.ports = it->ports;
	for (size_t i = 0; i < n; i++) {
		int at = service >= 0 ? service : service_at(m->catalogue, it->protocol, ports[i]);
		task->target.port = ports[i];
		task->probe = probe_of_service(m->catalogue, at, it->protocol);
		tasks_add(&m->list, task, subject);
	}
}

/* A task that sends nothing. */
static void add_preset(struct maker *m, const struct probe_task *from, const struct probe_subject *subject,
		       enum probe_reason reason, struct str text)
{
	struct probe_task task = *from;
	task.probe = NULL;
	task.preset = reason;
	task.preset_text = text;
	tasks_add(&m->list, &task, subject);
}

/* The types include that of an echo request. */
static bool is_echo_of(uint8_t protocol, struct port_range types)
{
	uint16_t echo = protocol == PROTO_ICMP ? 8 : 128;
	return types.lo <= echo && echo <= types.hi;
}

static void add_target(struct maker *m, const struct flow *f, struct probe_task *task, struct probe_subject *subject)
{
	const struct bundle_item *it = f->item;
	const struct service *s = it->service == NO_SERVICE ? NULL : &m->catalogue->services[it->service];
	struct target *t = &task->target;
	t->protocol = it->protocol == PROTO_ICMP && t->address.family == IPV6 ? (uint8_t)PROTO_ICMP6 : it->protocol;
	task->probe = probe_of_service(m->catalogue, s ? it->service : -1, t->protocol);
	t->tls = s && service_is_tls(s);
	if (it->icmp == ICMP_TYPES && !is_echo_of(t->protocol, it->ports))
		add_preset(m, task, subject, REASON_NOT_TRIED, STR("this type of ICMP gets no reply"));
	else if (!it->has_ports)
		tasks_add(&m->list, task, subject);
	else if (s && s->resolves == SERVICE_DYNAMIC)
		add_preset(m, task, subject, REASON_NEEDS_LISTENER, STR("its port is chosen anew for each session"));
	else if (s && (s->resolves == SERVICE_RPC || s->resolves == SERVICE_RPC_STATIC) && m->mapper_port)
		add_interfaces(m, task, subject, it);
	else
		add_ports(m, task, subject, it, s ? it->service : -1);
}

/* Machines of ranges that have more than one address: those that the estate or the user names. */
static size_t named_machines(const struct maker *m, struct addrset set, enum family family, struct addr *ret,
			     size_t room)
{
	struct arena *a = m->list.arena;
	const struct estate *e = plan_estate(m->choice->plan);
	VEC(struct addr_range) found = { 0 };
	for (size_t i = 0; i < m->choice->machines.n; i++)
		if (m->choice->machines.v[i].family == family && addrset_holds(set, m->choice->machines.v[i]))
			*VEC_ADD(a, &found) = addr_range_of(m->choice->machines.v[i]);
	for (size_t i = 0; i < e->n_hosts; i++)
		for (size_t j = 0; j < e->hosts[i].addresses.n; j++) {
			const struct addr_range *r = &e->hosts[i].addresses.v[j];
			if (r->family == family && r->lo == r->hi && addrset_holds(set, (struct addr){ family, r->lo }))
				*VEC_ADD(a, &found) = *r;
		}
	/* sorted, each once; as ranges, which join neighbours, they are counted by address */
	struct addrset all = addrset_of(a, found.v, found.n);
	u128 count = 0, step = 0;
	for (size_t i = 0; i < all.n; i++)
		count += all.v[i].hi - all.v[i].lo + 1;
	size_t n = (size_t)MIN(count, (u128)room), taken = 0;
	for (size_t i = 0; i < all.n; i++)
		for (u128 at = all.v[i].lo; taken < n && at <= all.v[i].hi; at++, step++)
			if (step == (n == 1 ? 0 : (count - 1) * taken / (n - 1)))
				ret[taken++] = (struct addr){ family, at };
	return taken;
}

/* The addresses of an endpoint to probe; false where a range names no machine. */
static bool machines_of(const struct maker *m, const struct endpoint *to, enum family family, struct addr **ret,
			size_t *n)
{
	struct addrset part = addrset_part(to->addresses, family);
	VEC(struct addr) found = { 0 };
	VEC(struct addr_range) wide = { 0 };
	/* neighbouring addresses of one machine are a range of the set, and all of them are its own */
	bool one = to->host && !to->any && !endpoint_is_many(to);
	for (size_t i = 0; i < part.n; i++) {
		u128 count = part.v[i].hi - part.v[i].lo + 1;
		if (to->any || (count != 1 && !one))
			*VEC_ADD(m->list.arena, &wide) = part.v[i];
		else
			for (u128 j = 0; j < count; j++)
				*VEC_ADD(m->list.arena, &found) = (struct addr){ family, part.v[i].lo + j };
	}
	bool all_named = true;
	if (wide.n && m->choice->sample) {
		struct addr *more = ARENA_ARRAY(m->list.arena, struct addr, m->choice->sample);
		size_t count = named_machines(m, (struct addrset){ wide.v, wide.n }, family, more, m->choice->sample);
		for (size_t i = 0; i < count; i++)
			*VEC_ADD(m->list.arena, &found) = more[i];
		all_named = count > 0;
	}
	*ret = found.v;
	*n = found.n;
	return all_named;
}

static void fill_target(const struct maker *m, const struct endpoint *to, struct target *t)
{
	t->host = to->name;
	if (to->host && !endpoint_is_many(to))
		target_name(t, to->name);
	t->domain_controller = host_plays(m->catalogue, to->host, "domain-controller");
	t->global_catalog = host_plays(m->catalogue, to->host, "global-catalog-server");
}

static struct str target_key(struct arena *a, struct addr address, uint8_t protocol, uint16_t port)
{
	char text[ADDR_TEXT];
	return str_printf(a, "%s %u %u", addr_text(address, text), protocol, port);
}

static void add_flow(struct maker *m, const struct flow *f, bool nothing)
{
	char id[FLOW_ID];
	struct arena *a = m->list.arena;
	struct probe_task task = { 0 };
	struct probe_subject subject = {
		.flow = str_dup(a, str_of(flow_id(f, id))),
		.from = f->from->name,
		.host = f->to->name,
		.service =
			f->item->service == NO_SERVICE ? STR("by-hand") : m->catalogue->services[f->item->service].id,
		.nothing = nothing,
		.source = f->from,
		.target = f->to,
	};
	fill_target(m, f->to, &task.target);
	task.target.instance = instance_at(f->to->host, f->item->ports);
	bool named = true, spoken = false;
	size_t before = m->list.tasks.n;
	for (enum family family = IPV4; family <= IPV6; family++) {
		struct addr *machines;
		size_t n;
		if (!addrset_part(f->to->addresses, family).n || !speaks(m, f->from, family))
			continue;
		spoken = true;
		named &= machines_of(m, f->to, family, &machines, &n);
		for (size_t i = 0; i < n; i++) {
			task.target.address = machines[i];
			task.has_source = choose_source(m, f->from, family, &task.target.source);
			add_target(m, f, &task, &subject);
		}
	}
	if (m->list.tasks.n > before)
		return;
	subject.no_address = true;
	task.target.protocol = f->item->protocol;
	task.target.port = f->item->has_ports ? f->item->ports.lo : 0;
	if (!spoken)
		add_preset(m, &task, &subject, REASON_LOCAL, STR("this machine has no address of its family"));
	else if (!named)
		add_preset(
			m, &task, &subject, REASON_NO_MACHINE,
			str_printf(a, "no machine of %.*s is named; --targets FILE names some", STR_ARG(f->to->name)));
}

static bool is_own(const struct maker *m, const struct endpoint *e)
{
	return m->choice->from[e - plan_endpoints(m->choice->plan, &(size_t){ 0 })];
}

static bool is_explained(const struct maker *m, const struct flow *f)
{
	const struct probe_choice *choice = m->choice;
	for (size_t i = 0; i < choice->n_errors; i++)
		if (error_code_flow(choice->errors[i], f->from->host, f->to->host, f->item->service) >= 0)
			return true;
	return choice->errors == NULL;
}

static bool is_wanted(const struct maker *m, const struct flow *f)
{
	const struct probe_choice *choice = m->choice;
	size_t n;
	char id[FLOW_ID];
	const struct endpoint *ends = plan_endpoints(choice->plan, &n);
	if (!choice->from[f->from - ends] || !choice->to[f->to - ends])
		return false;
	if (choice->flow.n && !str_starts(str_of(flow_id(f, id)), cstr(m->list.arena, choice->flow)))
		return false;
	if (!is_explained(m, f))
		return false;
	if (choice->service < 0)
		return true;
	for (size_t i = 0; i < f->item->n_reasons; i++)
		if (f->item->reasons[i].need && f->item->reasons[i].need->service == choice->service)
			return true;
	return f->item->service == choice->service;
}

static void note_planned(struct maker *m, const struct flow *f)
{
	struct arena *a = m->list.arena;
	for (size_t i = 0; i < f->to->addresses.n; i++) {
		const struct addr_range *r = &f->to->addresses.v[i];
		if (r->lo != r->hi || !f->item->has_ports || f->item->ports.lo != f->item->ports.hi)
			continue;
		struct addr address = { r->family, r->lo };
		strmap_add(&m->planned, target_key(a, address, f->item->protocol, f->item->ports.lo), m);
	}
}

static void take_flow(void *ctx, const struct flow *f)
{
	struct maker *m = ctx;
	if (is_own(m, f->from))
		note_planned(m, f);
	if (is_wanted(m, f))
		add_flow(m, f, false);
}

static bool holds(const struct endpoint_set *sets, size_t n, const struct endpoint *e)
{
	for (size_t i = 0; i < n; i++)
		if (addrset_overlaps(sets[i].addresses, e->addresses))
			return true;
	return false;
}

/* True of what a row of forbid: forbids from here. */
static bool is_forbidden(const struct maker *m, const struct endpoint *from, const struct flow *f)
{
	const struct estate *e = plan_estate(m->choice->plan);
	for (size_t i = 0; i < e->n_forbid; i++) {
		const struct hand_rule *r = &e->forbid[i];
		bool port = r->ports.n == 0;
		for (size_t j = 0; j < r->ports.n; j++)
			port |= r->ports.v[j].lo <= f->item->ports.lo && f->item->ports.lo <= r->ports.v[j].hi;
		if (port && (!r->protocol || r->protocol == f->item->protocol) && holds(r->from, r->n_from, from) &&
		    holds(r->to, r->n_to, f->to))
			return true;
	}
	return false;
}

/* A flow of somebody else that may be tried from here, where nothing should reply. */
struct stranger {
	uint64_t order;
	struct flow flow;
	bool forbidden;
};

struct strangers {
	struct maker *maker;
	const struct endpoint *from;
	struct strmap seen;
	VEC(struct stranger) v;
};

static void add_stranger(struct strangers *all, const struct endpoint *to, const struct bundle_item *it, bool forbidden)
{
	struct arena *a = all->maker->list.arena;
	const struct addr_range *r = to->addresses.v;
	struct str key = target_key(a, (struct addr){ r->family, r->lo }, it->protocol, it->ports.lo);
	if (strmap_get(&all->maker->planned, key) || !strmap_add(&all->seen, key, all))
		return;
	*VEC_ADD(a, &all->v) = (struct stranger){ hash64(key.p, key.n), { all->from, to, it, NULL, 0 }, forbidden };
}

/* One machine, not this one, that is asked about. */
static bool is_one(const struct maker *m, const struct endpoint *e)
{
	size_t n;
	const struct endpoint *ends = plan_endpoints(m->choice->plan, &n);
	return m->choice->to[e - ends] && !is_own(m, e) && !e->any && e->addresses.n &&
	       e->addresses.v[0].lo == e->addresses.v[0].hi;
}

static void take_stranger(void *ctx, const struct flow *f)
{
	struct strangers *all = ctx;
	const struct bundle_item *it = f->item;
	if (is_own(all->maker, f->from) || !is_one(all->maker, f->to) || !it->has_ports ||
	    it->ports.lo != it->ports.hi || it->protocol != PROTO_TCP)
		return;
	bool forbidden = is_forbidden(all->maker, all->from, f);
	if (forbidden || all->maker->choice->negative)
		add_stranger(all, f->to, it, forbidden);
}

/* The ports that a row of forbid: names itself, whether anybody uses them or not. */
static void add_row(struct strangers *all, const struct hand_rule *row)
{
	struct maker *m = all->maker;
	size_t n;
	const struct endpoint *ends = plan_endpoints(m->choice->plan, &n);
	if (!holds(row->from, row->n_from, all->from) || (row->protocol && !protocol_has_ports(row->protocol)))
		return;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < row->ports.n && is_one(m, &ends[i]) && holds(row->to, row->n_to, &ends[i]);
		     j++) {
			struct bundle_item *it = ARENA_NEW(m->list.arena, struct bundle_item);
			*it = (struct bundle_item){ .protocol = row->protocol ? row->protocol : (uint8_t)PROTO_TCP,
						    .has_ports = true,
						    .ports = row->ports.v[j],
						    .service = NO_SERVICE };
			add_stranger(all, &ends[i], it, true);
		}
}

static int by_order(const void *left, const void *right)
{
	const struct stranger *a = left, *b = right;
	return a->order != b->order ? CMP(a->order, b->order) : CMP(a->flow.item->ports.lo, b->flow.item->ports.lo);
}

/* All that is forbidden, and a sample of what is not planned that is the same in each run. */
static void add_strangers(struct maker *m)
{
	size_t n, taken = 0;
	const struct endpoint *ends = plan_endpoints(m->choice->plan, &n);
	struct strangers all = { .maker = m, .seen = strmap_new(m->list.arena) };
	for (size_t i = 0; i < n && !all.from; i++)
		if (m->choice->from[i])
			all.from = &ends[i];
	if (!all.from || m->choice->flow.n || m->choice->service >= 0 || m->choice->errors)
		return;
	const struct estate *e = plan_estate(m->choice->plan);
	for (size_t i = 0; i < e->n_forbid; i++)
		add_row(&all, &e->forbid[i]);
	plan_each(m->choice->plan, take_stranger, &all);
	sort_items(all.v.v, all.v.n, sizeof *all.v.v, by_order);
	for (size_t i = 0; i < all.v.n; i++)
		if (all.v.v[i].forbidden || taken++ < m->choice->negative)
			add_flow(m, &all.v.v[i].flow, true);
}

struct sorted {
	struct probe_task task;
	struct probe_subject subject;
	size_t number;
};

static int compare(const void *left, const void *right)
{
	const struct sorted *a = left, *b = right;
	const struct target *at = &a->task.target, *bt = &b->task.target;
	int c = CMP(a->subject.nothing, b->subject.nothing);
	c = c ? c : str_cmp(a->subject.flow, b->subject.flow);
	c = c ? c : CMP(at->address.family, bt->address.family);
	c = c ? c : CMP(at->address.n, bt->address.n);
	c = c ? c : CMP(at->port, bt->port);
	return c ? c : CMP(a->number, b->number);
}

void tasks_finish(struct task_list *list, struct probe_tasks *ret)
{
	size_t n = list->tasks.n;
	struct sorted *all = ARENA_ARRAY(list->arena, struct sorted, n);
	for (size_t i = 0; i < n; i++)
		all[i] = (struct sorted){ list->tasks.v[i], list->subjects.v[i], i };
	sort_items(all, n, sizeof *all, compare);
	for (size_t i = 0; i < n; i++) {
		list->tasks.v[i] = all[i].task;
		list->subjects.v[i] = all[i].subject;
	}
	*ret = (struct probe_tasks){ list->tasks.v, list->subjects.v, n };
}

bool probe_tasks_of_plan(struct arena *a, const struct probe_choice *choice, struct probe_tasks *ret, struct diag *d)
{
	const struct catalogue *c = plan_estate(choice->plan)->catalogue;
	struct maker m = {
		.list = { .arena = a },
		.choice = choice,
		.catalogue = c,
		.planned = strmap_new(a),
		.mapper_port = find_mapper(c),
	};
	plan_each(choice->plan, take_flow, &m);
	add_strangers(&m);
	if (m.list.too_many)
		return diag_error(d, NOWHERE, "more than %d probes; narrow them with --to, --service or --flow",
				  TASKS_MAX);
	tasks_finish(&m.list, ret);
	return true;
}
