package wire_test

import (
	"fmt"

	"github.com/tapir-go/tapir/kernel/wire"
)

func Example() {
	codec := wire.NewCodec("the key of the connection file")
	frames := codec.Encode(nil, []byte(`{"msg_id":"1","msg_type":"kernel_info_request"}`), nil, nil, []byte(`{}`))

	request, err := codec.Decode(frames)
	fmt.Println(request.Header.Type, err)

	_, err = codec.Decode(frames)
	fmt.Println(err)
	// Output:
	// kernel_info_request <nil>
	// signature was seen before
}
