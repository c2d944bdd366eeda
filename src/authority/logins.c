/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/logins.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

enum {
	KEY_BYTES = 32,
	RIGHT_MAX = 8192, /* passwords that are remembered at most */
	SETS = 4096,      /* of counters */
	WAYS = 4,
	FREE_ACCOUNT = 5, /* wrong passwords before anybody waits */
	FREE_ADDRESS = 20,
	FORGET = 900, /* seconds without a wrong password */
};

struct right {
	unsigned char mac[KEY_BYTES];
	int64_t until;
};

struct counter {
	unsigned char mac[16];   /* of the account or address; all zero: unused */
	unsigned failures, open; /* open: that are being looked at */
	int64_t last;
};

struct logins {
	EVP_MAC *hmac;
	unsigned char key[KEY_BYTES];
	int64_t remember;
	struct right right[RIGHT_MAX];
	struct counter counters[SETS][WAYS];
};

static void free_mac(void *mac)
{
	EVP_MAC_free(mac);
}

struct logins *logins_new(struct arena *a, uint64_t remember)
{
	struct logins *l = ARENA_NEW(a, struct logins);
	l->remember = (int64_t)remember;
	l->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	if (!l->hmac || RAND_bytes(l->key, KEY_BYTES) != 1)
		out_of_memory(KEY_BYTES);
	arena_at_end(a, free_mac, l->hmac);
	return l;
}

/* Each part with its length, so that no two lists of parts are the same bytes. */
static void mac_of(const struct logins *l, char kind, const struct str *parts, size_t n, unsigned char to[KEY_BYTES])
{
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(l->hmac);
	OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){ "SHA256" }, 0),
				OSSL_PARAM_construct_end() };
	size_t length;
	bool ok = ctx && EVP_MAC_init(ctx, l->key, KEY_BYTES, params) &&
		  EVP_MAC_update(ctx, (const unsigned char *)&kind, 1);
	for (size_t i = 0; ok && i < n; i++) {
		uint64_t size = parts[i].n;
		ok = EVP_MAC_update(ctx, (const unsigned char *)&size, sizeof size) &&
		     EVP_MAC_update(ctx, (const unsigned char *)parts[i].p, parts[i].n);
	}
	ok = ok && EVP_MAC_final(ctx, to, &length, KEY_BYTES);
	EVP_MAC_CTX_free(ctx);
	if (!ok)
		out_of_memory(KEY_BYTES);
}

static size_t place_of(const unsigned char *mac, size_t n)
{
	uint32_t place;
	memcpy(&place, mac + KEY_BYTES / 2, sizeof place);
	return place % n;
}

bool logins_knows(const struct logins *l, struct str hash, struct str account, struct str password, int64_t now)
{
	const struct str parts[] = { hash, account, password };
	unsigned char mac[KEY_BYTES];
	mac_of(l, 'p', parts, ARRAY_LEN(parts), mac);
	const struct right *r = &l->right[place_of(mac, RIGHT_MAX)];
	return r->until > now && r->until <= now + l->remember && CRYPTO_memcmp(r->mac, mac, KEY_BYTES) == 0;
}

static unsigned char *name_of(const struct logins *l, bool is_account, struct str name, unsigned char mac[KEY_BYTES])
{
	char lower[256];
	size_t n = MIN(name.n, sizeof lower);
	for (size_t i = 0; i < n; i++)
		lower[i] = ascii_lower(name.p[i]);
	const struct str part = { lower, n };
	mac_of(l, is_account ? 'a' : 'i', &part, 1, mac);
	return mac;
}

static const struct counter *find(const struct logins *l, const unsigned char mac[KEY_BYTES])
{
	const struct counter *set = l->counters[place_of(mac, SETS)];
	for (size_t i = 0; i < WAYS; i++)
		if (memcmp(set[i].mac, mac, sizeof set[i].mac) == 0)
			return &set[i];
	return NULL;
}

/* The counter of a name, or the one that was used the longest time ago; one with open passwords goes last. */
static struct counter *take(struct logins *l, const unsigned char mac[KEY_BYTES])
{
	struct counter *set = l->counters[place_of(mac, SETS)], *oldest = &set[0];
	struct counter *found = (struct counter *)(uintptr_t)find(l, mac);
	if (found)
		return found;
	for (size_t i = 1; i < WAYS; i++)
		if (!set[i].open != !oldest->open ? !set[i].open : set[i].last < oldest->last)
			oldest = &set[i];
	*oldest = (struct counter){ 0 };
	memcpy(oldest->mac, mac, sizeof oldest->mac);
	return oldest;
}

static void count(struct logins *l, bool is_account, struct str name, int64_t now)
{
	unsigned char mac[KEY_BYTES];
	struct counter *c = take(l, name_of(l, is_account, name, mac));
	if (now - c->last > FORGET)
		c->failures = 0;
	c->failures++;
	c->last = now;
}

void logins_wrong(struct logins *l, struct str account, struct str address, int64_t now)
{
	count(l, true, account, now);
	count(l, false, address, now);
}

/* The address keeps its count: who guesses may own one account. */
void logins_right(struct logins *l, struct str hash, struct str account, struct str password, struct str address,
		  int64_t now)
{
	const struct str parts[] = { hash, account, password };
	unsigned char mac[KEY_BYTES];
	struct counter *c = (struct counter *)(uintptr_t)find(l, name_of(l, true, account, mac));
	if (c)
		c->failures = 0;
	if (!l->remember)
		return;
	mac_of(l, 'p', parts, ARRAY_LEN(parts), mac);
	struct right *r = &l->right[place_of(mac, RIGHT_MAX)];
	memcpy(r->mac, mac, KEY_BYTES);
	r->until = now + l->remember;
}

/* 1, 2, 4 ... seconds after the last wrong one. */
static int64_t wait_for(const struct logins *l, bool is_account, struct str name, int64_t now)
{
	unsigned char mac[KEY_BYTES];
	const struct counter *c = find(l, name_of(l, is_account, name, mac));
	unsigned free = is_account ? FREE_ACCOUNT : FREE_ADDRESS;
	int64_t most = is_account ? LOGIN_WAIT_ACCOUNT_MOST : LOGIN_WAIT_ADDRESS_MOST;
	if (!c || c->failures < free || now - c->last > FORGET || now < c->last)
		return 0;
	unsigned doubled = MIN(c->failures - free, 10u);
	int64_t wait = MIN((int64_t)1 << doubled, most), left = c->last + wait - now;
	return MAX(left, 0);
}

int64_t logins_wait(const struct logins *l, struct str account, struct str address, int64_t now)
{
	int64_t of_account = wait_for(l, true, account, now), of_address = wait_for(l, false, address, now);
	return MAX(of_account, of_address);
}

static struct counter *counter_of(struct logins *l, bool is_account, struct str name)
{
	unsigned char mac[KEY_BYTES];
	return take(l, name_of(l, is_account, name, mac));
}

static bool is_full(const struct counter *c, unsigned free, int64_t now)
{
	unsigned failures = now - c->last > FORGET ? 0 : c->failures;
	return c->open >= (failures < free ? free - failures : 1);
}

void logins_end(struct logins *l, struct str account, struct str address)
{
	const struct str names[] = { account, address };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		unsigned char mac[KEY_BYTES];
		struct counter *c = (struct counter *)(uintptr_t)find(l, name_of(l, i == 0, names[i], mac));
		if (c && c->open > 0)
			c->open--;
	}
}

bool logins_begin(struct logins *l, struct str account, struct str address, int64_t now)
{
	struct counter *c = counter_of(l, true, account);
	bool full = is_full(c, FREE_ACCOUNT, now);
	c->open++; /* before the next is looked for, which could take its place */
	c = counter_of(l, false, address);
	full |= is_full(c, FREE_ADDRESS, now);
	c->open++;
	if (full)
		logins_end(l, account, address);
	return !full;
}
