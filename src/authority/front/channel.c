/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/front/channel.h"

#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pki/certificate.h"
#include "pki/der.h"

struct channel {
	int fd;
	SSL *ssl;            /* NULL: plain */
	unsigned handshakes; /* that were done, as OpenSSL reports them */
	unsigned wanted;     /* renegotiating: how many make the second handshake complete */
	bool asked;
	const char *error;
};

enum { CHAIN_MAX = 32 << 10 }; /* bytes of what a client shows */

static const char session_name[] = "portolan authority";

/* Whether the certificate is ours is for the clerk to say, who has the store. */
static int take_any(X509_STORE_CTX *store, void *ctx)
{
	return 1;
}

static bool use_chain(SSL_CTX *context, const struct tell_tls *tls)
{
	for (size_t i = 0; i < tls->chain.n; i++) {
		X509 *c = der_certificate(tls->chain.v[i]);
		if (!c)
			return false;
		bool ok = (i == 0 ? SSL_CTX_use_certificate(context, c) : SSL_CTX_add1_chain_cert(context, c)) == 1;
		/* the authorities whose certificates a client may choose from */
		ok = ok && (i == 0 || SSL_CTX_add_client_CA(context, c) == 1);
		X509_free(c);
		if (!ok)
			return false;
	}
	return tls->chain.n > 0;
}

static bool use_key(SSL_CTX *context, struct str der)
{
	const unsigned char *p = (const unsigned char *)der.p;
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &p, (long)der.n);
	bool ok = key && SSL_CTX_use_PrivateKey(context, key) == 1 && SSL_CTX_check_private_key(context) == 1;
	EVP_PKEY_free(key);
	return ok;
}

static void count_handshakes(const SSL *ssl, int where, int ret)
{
	struct channel *c = SSL_get_app_data(ssl);
	if (c && where & SSL_CB_HANDSHAKE_DONE)
		c->handshakes++;
}

SSL_CTX *channel_context(const struct listener_config *l, const struct tell_tls *tls, const char **why)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	bool ok = context && SSL_CTX_set_min_proto_version(context, versions[l->tls_least.n]) == 1 &&
		  SSL_CTX_set_max_proto_version(context, versions[l->tls_most.n]) == 1 &&
		  SSL_CTX_set_session_id_context(context, (const unsigned char *)session_name,
						 sizeof session_name - 1) == 1 &&
		  use_chain(context, tls) && use_key(context, tls->key);
	if (!ok) {
		*why = ERR_reason_error_string(ERR_peek_last_error());
		*why = *why ? *why : "a certificate that cannot be used";
		ERR_clear_error();
		SSL_CTX_free(context);
		return NULL;
	}
	/*
	 * A renegotiation that resumed the session would ask for nothing.  One that the client begins is refused: OpenSSL 3
	 * allows it only where SSL_OP_ALLOW_CLIENT_RENEGOTIATION is set.
	 */
	SSL_CTX_set_options(context, SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
					     SSL_OP_NO_COMPRESSION);
	/* Tickets are kept by clients; a cache would be memory that anybody can fill. */
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_max_cert_list(context, CHAIN_MAX);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_cert_verify_callback(context, take_any, NULL);
	SSL_CTX_set_verify(context, l->asks.n == ASKS_FIRST ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_info_callback(context, count_handshakes);
	return context;
}

struct channel *channel_new(int fd, SSL_CTX *context)
{
	struct channel *c = calloc(1, sizeof *c);
	if (!c)
		out_of_memory(sizeof *c);
	c->fd = fd;
	if (context) {
		c->ssl = SSL_new(context);
		if (!c->ssl || SSL_set_fd(c->ssl, fd) != 1)
			out_of_memory(sizeof *c);
		SSL_set_app_data(c->ssl, c);
		SSL_set_accept_state(c->ssl);
	}
	return c;
}

void channel_free(struct channel *c)
{
	if (!c)
		return;
	SSL_free(c->ssl);
	close(c->fd);
	free(c);
}

int channel_fd(const struct channel *c)
{
	return c->fd;
}

static enum channel_state broken(struct channel *c, const char *error)
{
	c->error = error;
	return CHANNEL_BROKEN;
}

/* What an SSL call that did not succeed means. */
static enum channel_state tls_state(struct channel *c, int ret)
{
	switch (SSL_get_error(c->ssl, ret)) {
	case SSL_ERROR_WANT_READ:
		return CHANNEL_WAITS_TO_READ;
	case SSL_ERROR_WANT_WRITE:
		return CHANNEL_WAITS_TO_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return CHANNEL_ENDED;
	case SSL_ERROR_SYSCALL:
		return CHANNEL_ENDED;
	default: {
		const char *reason = ERR_reason_error_string(ERR_peek_last_error());
		ERR_clear_error();
		return broken(c, reason ? reason : "a TLS error");
	}
	}
}

enum channel_state channel_handshake(struct channel *c)
{
	if (!c->ssl)
		return CHANNEL_DONE;
	ERR_clear_error();
	int ret = SSL_do_handshake(c->ssl);
	return ret == 1 ? CHANNEL_DONE : tls_state(c, ret);
}

static enum channel_state plain_state(struct channel *c, ssize_t moved, bool read_it)
{
	if (moved == 0 && read_it)
		return CHANNEL_ENDED;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
		return read_it ? CHANNEL_WAITS_TO_READ : CHANNEL_WAITS_TO_WRITE;
	return CHANNEL_ENDED;
}

enum channel_state channel_read(struct channel *c, void *p, size_t room, size_t *n)
{
	*n = 0;
	if (c->ssl) {
		ERR_clear_error();
		int ret = SSL_read_ex(c->ssl, p, room, n);
		return ret == 1 ? CHANNEL_DONE : tls_state(c, ret);
	}
	ssize_t moved = recv(c->fd, p, room, 0);
	if (moved <= 0)
		return plain_state(c, moved, true);
	*n = (size_t)moved;
	return CHANNEL_DONE;
}

enum channel_state channel_write(struct channel *c, const void *p, size_t length, size_t *n)
{
	*n = 0;
	if (c->ssl) {
		ERR_clear_error();
		int ret = SSL_write_ex(c->ssl, p, length, n);
		return ret == 1 ? CHANNEL_DONE : tls_state(c, ret);
	}
	ssize_t moved = send(c->fd, p, length, MSG_NOSIGNAL);
	if (moved < 0)
		return plain_state(c, moved, false);
	*n = (size_t)moved;
	return CHANNEL_DONE;
}

enum channel_state channel_ask_certificate(struct channel *c)
{
	/* OpenSSL reports a handshake as done when the HelloRequest went out, and again when the handshake that it asks for was. */
	enum { DONE_BY_REQUEST = 1, DONE_BY_HANDSHAKE = 2 };
	char byte;
	size_t n;
	ERR_clear_error();
	if (!c->asked) {
		if (SSL_version(c->ssl) != TLS1_2_VERSION || SSL_get_secure_renegotiation_support(c->ssl) != 1)
			return broken(c, "a client that cannot be asked for its certificate again");
		c->asked = true;
		c->wanted = c->handshakes + DONE_BY_HANDSHAKE;
		SSL_set_verify(c->ssl, SSL_VERIFY_PEER, NULL);
		if (SSL_renegotiate(c->ssl) != 1)
			return broken(c, "a renegotiation that TLS refuses");
	}
	if (c->handshakes + DONE_BY_HANDSHAKE - DONE_BY_REQUEST < c->wanted || SSL_renegotiate_pending(c->ssl)) {
		int ret = SSL_do_handshake(c->ssl);
		if (ret != 1)
			return tls_state(c, ret);
	}
	if (c->handshakes >= c->wanted)
		return CHANNEL_DONE;
	/* Reading is what drives the handshake on; nothing else may come before it is done. */
	int ret = SSL_peek_ex(c->ssl, &byte, 1, &n);
	if (c->handshakes >= c->wanted)
		return CHANNEL_DONE;
	return ret == 1 ? broken(c, "data instead of a handshake") : tls_state(c, ret);
}

bool channel_has_asked(const struct channel *c)
{
	return !c->ssl || c->asked;
}

void channel_shut(struct channel *c)
{
	if (c->ssl && SSL_is_init_finished(c->ssl)) {
		ERR_clear_error();
		SSL_shutdown(c->ssl);
		ERR_clear_error();
	}
}

struct str channel_certificate(struct arena *a, const struct channel *c)
{
	X509 *peer = c->ssl ? SSL_get0_peer_certificate(c->ssl) : NULL;
	return peer ? certificate_der(a, peer) : STR("");
}

const char *channel_error(const struct channel *c)
{
	return c->error ? c->error : "";
}
