package fake

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/crypto"
	"github.com/gotd/td/mt"
	"github.com/gotd/td/proto"
)

// use notes which key and session the connection carries, and greets a new session.
func (c *connection) use(key *authKey, session int64) {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.key != key || c.session != session {
		c.key, c.session = key, session
		c.called = false
		clear(c.watching)
		clear(c.seen)
		c.push(proto.MessageFromServer, true, &mt.NewSessionCreated{
			FirstMsgID: s.ids.New(proto.MessageFromClient),
			ServerSalt: int64(binary.LittleEndian.Uint64(key.ID[:])),
		})
	}
	s.proveAlive(c)
}

// handle does what one message of MTProto says; what is not MTProto's own is a call.
func (c *connection) handle(id int64, b *bin.Buffer) error {
	kind, err := b.PeekID()
	if err != nil {
		return fmt.Errorf("read a message's type: %w", err)
	}
	switch kind {
	case proto.MessageContainerTypeID:
		var container proto.MessageContainer
		if err := container.Decode(b); err != nil {
			return fmt.Errorf("decode a container: %w", err)
		}
		for _, message := range container.Messages {
			if err := c.handle(message.ID, &bin.Buffer{Buf: message.Body}); err != nil {
				return err
			}
		}
		return nil
	case proto.GZIPTypeID:
		var content proto.GZIP
		if err := content.Decode(b); err != nil {
			return fmt.Errorf("unpack a message: %w", err)
		}
		return c.handle(id, &bin.Buffer{Buf: content.Data})
	case mt.MsgsAckTypeID, mt.HTTPWaitRequestTypeID:
		return nil
	case mt.PingRequestTypeID, mt.PingDelayDisconnectRequestTypeID, mt.GetFutureSaltsRequestTypeID, mt.RPCDropAnswerRequestTypeID:
		return c.housekeep(kind, id, b)
	}
	c.server.call(c, id, b)
	return nil
}

// housekeep answers the requests of MTProto itself.
func (c *connection) housekeep(kind uint32, id int64, b *bin.Buffer) error {
	var (
		answer bin.Encoder
		err    error
	)
	switch kind {
	case mt.PingRequestTypeID:
		var ping mt.PingRequest
		err = ping.Decode(b)
		answer = &mt.Pong{MsgID: id, PingID: ping.PingID}
	case mt.PingDelayDisconnectRequestTypeID:
		var ping mt.PingDelayDisconnectRequest
		err = ping.Decode(b)
		answer = &mt.Pong{MsgID: id, PingID: ping.PingID}
	case mt.GetFutureSaltsRequestTypeID:
		answer = &mt.FutureSalts{ReqMsgID: id, Now: int(time.Now().Unix()), Salts: []mt.FutureSalt{
			{ValidSince: 1, ValidUntil: math.MaxInt32, Salt: 10},
		}}
	default:
		answer = &proto.Result{RequestMessageID: id, Result: encode(&mt.RPCAnswerUnknown{})}
	}
	if err != nil {
		return fmt.Errorf("decode a ping: %w", err)
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.push(proto.MessageServerResponse, false, answer)
	return nil
}

// push queues a message for the client; the server's mu is held. It never
// waits: a client that does not read is cut off.
func (c *connection) push(kind proto.MessageType, content bool, message bin.Encoder) {
	p := packet{key: c.key.AuthKey, session: c.session, kind: kind, content: content, body: encode(message)}
	select {
	case c.out <- p:
	default:
		c.close()
	}
}

// encode panics on an object that cannot be written: what is stored was written
// once already, so that is a mistake of this package.
func encode(object bin.Encoder) []byte {
	var b bin.Buffer
	if err := object.Encode(&b); err != nil {
		panic(fmt.Sprintf("fake: encode %T: %v", object, err))
	}
	return b.Buf
}

// send writes what is queued until the connection ends.
func (c *connection) send(ctx context.Context) {
	defer c.close()
	var sequence int32
	for {
		select {
		case <-c.done:
			return
		case p := <-c.out:
			number := 2 * sequence
			if p.content {
				number++
				sequence++
			}
			if err := c.sendOne(ctx, p, number); err != nil {
				return
			}
		}
	}
}

func (c *connection) sendOne(ctx context.Context, p packet, sequence int32) error {
	var b bin.Buffer
	err := c.server.cipher.Encrypt(p.key, crypto.EncryptedMessageData{
		SessionID: p.session, SeqNo: sequence, MessageID: c.server.ids.New(p.kind),
		MessageDataLen: int32(len(p.body)), MessageDataWithPadding: p.body,
	}, &b)
	if err != nil {
		return fmt.Errorf("encrypt a message: %w", err)
	}
	ctx, stop := context.WithTimeout(ctx, sendWait)
	defer stop()
	return c.link.Send(ctx, &b)
}
