/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "wire/radius.h"

enum { HEADER = 20, USER_NAME = 1, REPLY_MESSAGE = 18, NAS_IDENTIFIER = 32, MESSAGE_AUTHENTICATOR = 80 };

static void put_attribute(struct buffer *to, uint8_t type, struct str value)
{
	put_u8(to, type);
	put_u8(to, (uint8_t)(value.n + 2));
	put_str(to, value);
}

bool radius_put_request(struct buffer *to, enum radius_code code, uint8_t id, const uint8_t authenticator[16],
			struct str secret)
{
	static const char zeros[RADIUS_AUTHENTICATOR];
	size_t begin = to->n;
	put_u8(to, (uint8_t)code);
	put_u8(to, id);
	size_t length = hole_be16(to);
	put_bytes(to, authenticator, RADIUS_AUTHENTICATOR);
	put_attribute(to, MESSAGE_AUTHENTICATOR, (struct str){ zeros, sizeof zeros });
	size_t place = to->n - RADIUS_AUTHENTICATOR;
	put_attribute(to, NAS_IDENTIFIER, STR("portolan-probe"));
	if (code == RADIUS_ACCESS_REQUEST)
		put_attribute(to, USER_NAME, STR("portolan-probe"));
	fill_be16(to, length, length - begin + 2);
	unsigned size = RADIUS_AUTHENTICATOR;
	return !to->full && HMAC(EVP_md5(), secret.n ? secret.p : "", (int)secret.n, to->p + begin, to->n - begin,
				 to->p + place, &size);
}

/* MD5 over the head, an authenticator, the attributes and the secret (RFC 2865 3). */
static bool sign_reply(struct str head, const void *authenticator, struct str attributes, struct str secret,
		       uint8_t ret[EVP_MAX_MD_SIZE])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok = md && EVP_DigestInit_ex(md, EVP_md5(), NULL) && EVP_DigestUpdate(md, head.p, head.n) &&
		  EVP_DigestUpdate(md, authenticator, RADIUS_AUTHENTICATOR) &&
		  EVP_DigestUpdate(md, attributes.p, attributes.n) &&
		  EVP_DigestUpdate(md, secret.n ? secret.p : "", secret.n) && EVP_DigestFinal_ex(md, ret, NULL);
	EVP_MD_CTX_free(md);
	return ok;
}

bool radius_read_reply(struct str datagram, const uint8_t request_authenticator[16], struct str secret,
		       struct radius_reply *ret)
{
	struct cursor c = cursor_of(datagram.p, datagram.n);
	*ret = (struct radius_reply){ .code = get_u8(&c), .id = get_u8(&c) };
	size_t length = get_be16(&c);
	struct str authenticator = get_bytes(&c, RADIUS_AUTHENTICATOR);
	if (c.bad || length < HEADER || length > datagram.n || length > RADIUS_PACKET_MAX)
		return false;
	uint8_t made[EVP_MAX_MD_SIZE];
	struct str attributes = str_first(str_skip(datagram, HEADER), length - HEADER);
	ret->genuine = sign_reply(str_first(datagram, 4), request_authenticator, attributes, secret, made) &&
		       memcmp(made, authenticator.p, RADIUS_AUTHENTICATOR) == 0;
	struct cursor list = cursor_of(attributes.p, attributes.n);
	while (list.n && !list.bad) {
		uint8_t type = get_u8(&list), size = get_u8(&list);
		struct str value = get_bytes(&list, size < 2 ? SIZE_MAX : (size_t)size - 2);
		if (type == REPLY_MESSAGE)
			ret->message = value;
	}
	return !list.bad;
}

bool radius_read_request(struct str datagram, struct radius_request *ret)
{
	struct cursor c = cursor_of(datagram.p, datagram.n);
	*ret = (struct radius_request){ .code = get_u8(&c), .id = get_u8(&c) };
	size_t length = get_be16(&c);
	ret->authenticator = get_bytes(&c, RADIUS_AUTHENTICATOR);
	return !c.bad && length == datagram.n && length <= RADIUS_PACKET_MAX;
}

bool radius_put_reply(struct buffer *to, enum radius_code code, const struct radius_request *request,
		      struct str message, struct str secret)
{
	static const char zeros[RADIUS_AUTHENTICATOR];
	size_t begin = to->n;
	uint8_t made[EVP_MAX_MD_SIZE];
	unsigned size = RADIUS_AUTHENTICATOR;
	put_u8(to, (uint8_t)code);
	put_u8(to, request->id);
	size_t length = hole_be16(to);
	put_str(to, request->authenticator);
	put_attribute(to, MESSAGE_AUTHENTICATOR, (struct str){ zeros, sizeof zeros });
	size_t place = to->n - RADIUS_AUTHENTICATOR;
	put_attribute(to, REPLY_MESSAGE, message);
	fill_be16(to, length, length - begin + 2);
	if (to->full || !HMAC(EVP_md5(), secret.n ? secret.p : "", (int)secret.n, to->p + begin, to->n - begin,
			      to->p + place, &size))
		return false;
	struct str whole = { (const char *)to->p + begin, to->n - begin };
	if (!sign_reply(str_first(whole, 4), request->authenticator.p, str_skip(whole, HEADER), secret, made))
		return false;
	memcpy(to->p + begin + 4, made, RADIUS_AUTHENTICATOR);
	return true;
}
