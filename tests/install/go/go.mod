module program

go 1.23

require github.com/bytestore/bytestore/bindings/go v0.0.0

replace github.com/bytestore/bytestore/bindings/go => ../bytestore-go
