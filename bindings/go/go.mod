module github.com/bytestore/bytestore/bindings/go

go 1.23
